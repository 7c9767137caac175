import TestSupport
import Testing

/// The path with acknowledgements in simulated worlds; a seed that fails gives the same world again.
@Suite struct SimulationTests {
    @Test
    func
        `P11 P13 nothing acknowledged is lost, nothing is admitted twice, no hole stalls, memory is bounded`()
    {
        var hits: [Fault: Int] = [:]
        var chunks = 0
        let all = seeds(300)
        for seed in all {
            var world = World(seed: seed)
            world.live()
            #expect(world.violations == [], "seed \(seed)")
            hits.merge(world.hits, uniquingKeysWith: +)
            chunks += world.chunkCount
        }
        if all.count >= 300 {
            for fault in Fault.allCases { #expect(hits[fault, default: 0] > 0, "\(fault) never happened") }
            #expect(chunks > 10_000)
        }
    }

    @Test(arguments: [UInt64(419), 423]) func `a restart that nobody noticed keeps no gateway waiting`(
        seed: UInt64
    ) {
        var world = World(seed: seed)
        world.live()
        #expect(world.violations == [], "seed \(seed)")
    }

    @Test func `a seed gives the same world again`() {
        for seed in seeds(10) {
            var (first, second) = (World(seed: seed), World(seed: seed))
            first.live()
            second.live()
            #expect(
                first.trace == second.trace && first.hits == second.hits
                    && first.chunkCount == second.chunkCount
            )
        }
    }

    @Test(arguments: [World.Sabotage.acknowledgesAtOnce, .forgetsAtRestart, .waitsForHoles])
    func `a daemon that is broken on purpose breaks a law`(sabotage: World.Sabotage) {
        let broken = (1...100).contains { seed in
            var world = World(seed: UInt64(seed), sabotage: sabotage)
            world.live()
            return !world.violations.isEmpty
        }
        #expect(broken)
    }
}
