import ECGSignal
import Findings
import Testing

@testable import Delineation

/// When the ST segment has changed from what is usual for a patient, second by second.
@Suite struct STChangeTests {
    /// A watch, and everything that it has told.
    private struct Run {
        var watch = STChange()
        var second: Int64 = 0
        var told: [Observation.Finding] = []

        /// Takes so many seconds of these levels, millivolts; what they told.
        @discardableResult
        mutating func take(_ seconds: Int, _ levels: [Lead: Double]) -> [Observation.Finding] {
            var st = STLevels(unknown: .unclear)
            for (lead, level) in levels { if let channel = lead.channel { st.set(level, channel: channel) } }
            return take(seconds, st)
        }

        @discardableResult
        mutating func take(_ seconds: Int, _ st: STLevels) -> [Observation.Finding] {
            let before = told.count
            for _ in 0..<seconds {
                second += 1
                let waves = WaveIntervals(
                    pr: .unknown(.unclear),
                    qrs: .value(90),
                    qt: .value(400),
                    st: st,
                    beats: 8
                )
                let signs = VitalSigns(
                    second: second,
                    heartRate: .value(60),
                    interval: .value(1_000),
                    ectopicPerMinute: .value(0),
                    beats: 10,
                    waves: waves
                )
                watch.take(signs, into: &told)
            }
            return Array(told[before...])
        }
    }

    private func holding(_ findings: [Observation.Finding]) -> Set<String> {
        Set(findings.filter(\.holds).map(\.statement))
    }

    private func learned(_ levels: [Lead: Double]) -> Run {
        var run = Run()
        run.take(300, levels)
        return run
    }

    @Test func `every statement is one of the catalogue that a measurement may make`() throws {
        #expect(STChange.statements.count == 8)
        for id in STChange.statements {
            let statement = try #require(Catalogue.shipped.statements.first { $0.id == id })
            #expect(statement.evidence == .both && statement.alarmPriority != nil)
        }
    }

    @Test func `0.1 mV in two neighbouring leads is a change, of their wall and in general`() {
        for (leads, wall) in [
            ([Lead.ii, .iii], "_inferior"), ([.ii, .aVF], "_inferior"), ([.v1, .v2], "_anterior"),
            ([.v3, .v4], "_anterior"), ([.i, .v6], "_lateral"), ([.v5, .v6], "_lateral"),
        ] {
            for (sign, word) in [(1.0, "st_elevation"), (-1, "st_depression")] {
                // Two of them alone, so that no other lead follows from them.
                var usual: [Lead: Double] = [:]
                for (number, lead) in leads.enumerated() { usual[lead] = -0.05 * Double(number) }
                var run = learned(usual)
                #expect(run.take(5, usual.mapValues { $0 + 0.097 * sign }).isEmpty, "\(leads)")
                let told = holding(run.take(5, usual.mapValues { $0 + 0.1 * sign }))
                #expect(told.isSuperset(of: [word, word + wall]), "\(leads) \(told)")
                #expect(told.allSatisfy { $0.hasPrefix(word) || leads.allSatisfy { $0 < .v1 } })
            }
        }
    }

    @Test func `leads that are no neighbours are none, and one alone needs 0.2 mV`() throws {
        let usual: [Lead: Double] = [.ii: 0, .v1: 0, .v2: 0, .v4: 0]
        var run = learned(usual)
        #expect(run.take(5, [.ii: 0.15, .v1: 0.15, .v2: 0, .v4: 0.15]).isEmpty)
        let told = run.take(5, [.ii: 0.15, .v1: 0.2, .v2: 0, .v4: 0.15])
        #expect(holding(told) == ["st_elevation"])
        let finding = try #require(told.first)
        #expect(finding.figure == Figure(0.2, .millivolts) && finding.since == 500 * 306 - 1)
        #expect(finding.leads == [.ii, .v1, .v4])
    }

    @Test func `of I and II the other limb leads follow, so the inferior wall is seen with two of them`() {
        var run = learned([.i: 0.05, .ii: 0.1])
        #expect(holding(run.take(1, [.i: 0.05, .ii: 0.2])).contains("st_elevation_inferior"))
        // III and aVF from I and II, in whatever pair two limb leads are sent.
        for pair in [[Lead.i, .iii], [.ii, .iii], [.i, .aVF], [.ii, .aVL], [.aVR, .aVL], [.iii, .aVF]] {
            func levels(_ one: Double, _ two: Double) -> [Lead: Double] {
                let all: [Lead: Double] = [
                    .i: one, .ii: two, .iii: two - one, .aVR: -(one + two) / 2, .aVL: one - two / 2,
                    .aVF: two - one / 2,
                ]
                return all.filter { pair.contains($0.key) }
            }
            var other = learned(levels(0.05, 0.1))
            #expect(other.take(1, levels(0.05, 0.19)).isEmpty, "\(pair)")
            #expect(holding(other.take(1, levels(0.05, 0.201))).contains("st_elevation_inferior"), "\(pair)")
        }
    }

    @Test func `usual is the median of the first five valid minutes, and nothing is told before`() {
        var run = Run()
        run.take(150, [.v2: 0, .v3: 0])
        run.take(20, STLevels(unknown: .bandwidth))
        #expect(run.take(149, [.v2: 0.4, .v3: 0.4]).isEmpty)
        // With the 300th second 15 values are 0 and 15 are 0.4: their median is 0.2.
        let told = run.take(1, [.v2: 0.4, .v3: 0.4])
        #expect(holding(told) == ["st_elevation", "st_elevation_anterior"])
        #expect(told.allSatisfy { $0.figure == Figure(0.2, .millivolts) })
        #expect(run.take(1, [.v2: 0.27, .v3: 0.27]).map(\.holds) == [false, false])
        #expect(run.take(1, [.v2: 0.299, .v3: 0.299]).isEmpty)
        #expect(run.take(1, [.v2: 0.3, .v3: 0.3]).count == 2)
    }

    @Test func `what a user sets counts at once, for the leads that it names`() throws {
        var run = Run()
        run.watch.limits = try STLimits(change: 150, baseline: [(.v2, 100), (.v3, 100)])
        #expect(run.take(3, [.v2: 0.24, .v3: 0.26, .v4: 0.9]).isEmpty)
        #expect(holding(run.take(1, [.v2: 0.25, .v3: 0.26, .v4: 0.9])).count == 2)
        run.watch.limits = .standard
        #expect(run.take(1, [.v2: 0.25, .v3: 0.26, .v4: 0.9]).allSatisfy { !$0.holds })
    }

    @Test func `it ends when a fifth of the limit is taken back, or when ST was unknown for 10 s`() {
        let usual: [Lead: Double] = [.v5: 0, .v6: 0]
        var run = learned(usual)
        #expect(run.take(1, [.v5: 0.12, .v6: 0.1]).count == 2)
        #expect(run.take(5, [.v5: 0.09, .v6: 0.081]).isEmpty)
        #expect(run.take(1, [.v5: 0.09, .v6: 0.079]).map(\.holds) == [false, false])
        #expect(run.take(1, [.v5: 0.12, .v6: 0.1]).count == 2)
        for reason in [VitalSigns.Reason.wideQRS, .paced, .bandwidth, .unclear] {
            #expect(run.take(9, STLevels(unknown: reason)).isEmpty)
            #expect(run.take(1, STLevels(unknown: reason)).map(\.holds) == [false, false], "\(reason)")
            #expect(run.take(20, STLevels(unknown: reason)).isEmpty)
            #expect(run.take(1, [.v5: 0.12, .v6: 0.1]).count == 2)
        }
    }

    @Test func `a change that grows is told anew by steps of 0.05 mV, and one that stays is not`() {
        var run = learned([.v2: 0, .v3: 0])
        run.take(1, [.v2: 0.1, .v3: 0.1])
        #expect(run.take(60, [.v2: 0.14, .v3: 0.3]).isEmpty)
        let told = run.take(60, [.v2: 0.16, .v3: 0.3])
        #expect(told.map(\.figure) == [Figure(0.16, .millivolts), Figure(0.16, .millivolts)])
    }

    @Test func `what holds still after nothing could be judged is told again`() {
        var run = learned([.v2: 0, .v3: 0])
        run.take(1, [.v2: 0.2, .v3: 0.2])
        run.watch.loseSight()
        #expect(holding(run.take(1, [.v2: 0.2, .v3: 0.2])) == ["st_elevation", "st_elevation_anterior"])
    }

    @Test func `a reading says the change, its limit, and why there is none`() throws {
        var run = Run()
        run.take(40, [.v2: 0.1, .v3: 0.2])
        func reading(_ statement: String) throws -> RuleReading {
            try #require(run.watch.readings.first { $0.statement == statement })
        }
        #expect(try reading("st_elevation").figure == nil)
        #expect(try reading("st_elevation").note.contains("of which 40 were seen"))
        run.take(260, [.v2: 0.1, .v3: 0.2])
        run.take(1, [.v2: 0.02, .v3: 0.05])
        let low = try reading("st_depression_anterior")
        #expect(low.figure == -0.08 && low.limit == -0.1 && low.side == .below && !low.holds && low.isNear)
        #expect(try reading("st_elevation_inferior").figure == nil)
        run.take(1, STLevels(unknown: .paced))
        #expect(try reading("st_depression_anterior").note.contains("paced"))
    }
}
