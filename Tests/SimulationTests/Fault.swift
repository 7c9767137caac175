import TestSupport

/// What goes wrong in a simulated world; every kind must happen within a run of all seeds.
enum Fault: String, CaseIterable {
    case messageLost, messageDoubled, messageOvertaken, connectionCut, restartUnnoticed, daemonKilled
    case powerLost, writeTorn, diskSlow, diskFailed, gatewayRestarted, countersLost, chunkLetGo, chunkDamaged
    case numberReused, windowFull
}

/// How often each of them happens in the world of one seed, and how long it goes on.
struct Troubles {
    /// Nanoseconds of a turn of the world.
    static let turn: Int64 = 20_000_000

    let level: Bool
    /// Most that a message takes, turns.
    let latency: Int
    let isOrdered: Bool
    let loss: Double
    let doubling: Double
    let cut: Double
    let kill: Double
    let restart: Double
    let newEpoch: Double
    let slowDisk: Double
    let failingDisk: Double
    let damage: Double
    let reuse: Double
    /// Turns in which things go wrong; then the world must come to rest by itself.
    let turns: Int

    init(_ generator: inout SeededGenerator) {
        func chance(_ most: Double) -> Double {
            Bool.random(using: &generator) ? 0 : .random(in: 0...most, using: &generator)
        }
        level = .random(using: &generator)
        latency = .random(in: 0...8, using: &generator)
        isOrdered = .random(using: &generator)
        loss = chance(0.05)
        doubling = chance(0.1)
        cut = chance(0.01)
        kill = chance(0.02)
        restart = chance(0.01)
        newEpoch = chance(0.003)
        slowDisk = chance(0.02)
        failingDisk = chance(0.004)
        damage = chance(0.01)
        reuse = chance(0.005)
        turns = .random(in: 100...600, using: &generator)
    }
}

/// Whether it happens now; in a world that must come to rest nothing does.
extension Double {
    func happens(_ generator: inout SeededGenerator) -> Bool {
        self > 0 && Double.random(in: 0..<1, using: &generator) < self
    }
}
