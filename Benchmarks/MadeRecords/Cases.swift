import Rhythm

/// The made records: each case makes some and says in one line each what the lane found in them.
struct Cases {
    let material: Material

    /// The cases by name.
    var all: [(name: String, lines: () throws -> [String])] {
        [
            ("gap", { smallBehindGap(0.33) + smallBehindGap(0.25) }),
            ("gap-still", { stillBehindGap(artefact: false) + stillBehindGap(artefact: true) }),
            ("small", { smallAtOnce() }),
            ("still", { stillWithAtrial() }),
            ("motion", { motionBesideStill(isConstant: false) + motionBesideStill(isConstant: true) }),
            ("dies", { goodLeadDies() + leadDies() }),
            ("singles", { try singlesBehindGap() }),
        ]
    }

    private func seconds(_ value: Double?) -> String {
        value.map { "\((10 * $0).rounded() / 10) s" } ?? "none"
    }

    private func middle(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }

    private func share(_ part: (missed: Int, all: Int)) -> String {
        "\((1_000 * Double(part.missed) / Double(max(part.all, 1))).rounded() / 10) %"
    }

    /// A gap of 3 to 120 s, behind which all QRS are small.
    private func smallBehindGap(_ factor: Float) -> [String] {
        var (runs, asystoles, slow, part) = (0, 0, 0, (missed: 0, all: 0))
        for heart in material.hearts.dropLast() {
            for gap in [3.0, 8, 30, 120] {
                for leads in 1...2 {
                    let piece = heart.piece(60...(60 + 180 + gap), leads: leads)
                    var record = MadeRecord(piece.leads, seed: runs)
                    let start = 120 + gap
                    record.cut(120...start)
                    record.scale(by: factor, from: start)
                    let outcome = record.outcome()
                    runs += 1
                    if outcome.holds(.asystole, from: start) { asystoles += 1 }
                    if outcome.holds(.extremeBradycardia, from: start) { slow += 1 }
                    let missed = outcome.missed(piece.beats, start + 2...start + 58)
                    part = (part.missed + missed.missed, part.all + missed.all)
                }
            }
        }
        return [
            "gap, then all QRS times \(factor): asystole \(asystoles), extreme bradycardia \(slow) of \(runs), "
                + "QRS missed \(share(part))"
        ]
    }

    /// A gap, behind which nothing beats but P waves, with one artefact as high as a QRS or without.
    private func stillBehindGap(artefact: Bool) -> [String] {
        let names = ["100", "101", "119", "231", "106", "233"]
        var (late, runs, ended) = ([0, 0], [0, 0], 0)
        for number in 0..<120 {
            guard let heart = material.hearts.first(where: { $0.name == names[number % 6] }) else { continue }
            let gap = [3.0, 8, 30, 60][number % 4]
            let piece = heart.piece(60...(60 + 120 + gap), leads: 1 + number / 6 % 2)
            var record = MadeRecord(piece.leads, seed: number)
            var start = 60 + gap
            record.cut(60...start)
            record.still(piece.leads.indices, from: start, material.wander)
            let hasAtrial = !number.isMultiple(of: 5)
            if hasAtrial {
                let wave = atrialWave(number, &record)
                let (height, rate) = (record.random(0.1...0.3), record.random(60...120))
                record.addAtrial(wave, height: height, rate: rate, from: start + 0.3)
            }
            if artefact {
                start += record.random(0.3...2)
                record.add(Material.bell(deviation: record.random(0.01...0.02)), height: 1.2, at: start)
            }
            let outcome = record.outcome()
            let kind = hasAtrial ? 1 : 0
            runs[kind] += 1
            if !outcome.hasAsystole(from: start, within: 6.02) { late[kind] += 1 }
            if outcome.holds(.asystole, from: start), !outcome.times(.asystole, false, from: start).isEmpty {
                ended += 1
            }
        }
        return [
            "gap, then standstill\(artefact ? " with one artefact of 1.2 mV" : ""): no asystole within 6 s "
                + "\(late[0]) of \(runs[0]), with P waves \(late[1]) of \(runs[1]); ended \(ended)"
        ]
    }

    /// A P wave by the number of a record: of LUDB, or a bell.
    private func atrialWave(_ number: Int, _ record: inout MadeRecord) -> [Float] {
        let choice = record.random(0...1)
        guard number.isMultiple(of: 2) else { return Material.bell(deviation: 0.016 + 0.01 * choice) }
        return material.atrial[min(Int(choice * Double(material.atrial.count)), material.atrial.count - 1)]
    }

    /// All QRS are a quarter as high at once.
    private func smallAtOnce() -> [String] {
        var (runs, slow, lengths) = (0, 0, [Double]())
        for heart in material.hearts {
            for start in [60.0, 600] {
                for leads in 1...2 {
                    var record = MadeRecord(heart.piece(start...start + 120, leads: leads).leads, seed: runs)
                    record.scale(by: 0.25, from: 60)
                    record.addNoise(0.003, to: 0..<leads)
                    let outcome = record.outcome()
                    runs += 1
                    if outcome.holds(.extremeBradycardia, from: 60) { slow += 1 }
                    guard let begin = outcome.times(.asystole, from: 60).first else { continue }
                    let end = outcome.times(.asystole, false, from: begin).first ?? 120
                    lengths.append(end - begin)
                }
            }
        }
        return [
            "all QRS times 0.25 at once: asystole \(lengths.count) of \(runs), its middle length "
                + "\(seconds(middle(lengths))), longest \(seconds(lengths.max())), extreme bradycardia \(slow)"
        ]
    }

    /// A standstill of three minutes with P waves.
    private func stillWithAtrial() -> [String] {
        let names = ["100", "101", "119", "231", "106", "233", "208", "200"]
        var (late, ended, tachycardias) = (0, 0, 0)
        for number in 0..<120 {
            guard let heart = material.hearts.first(where: { $0.name == names[number % 8] }) else { continue }
            var probe = MadeRecord([], seed: number)
            let begin = 60 + probe.random(0...600).rounded()
            let piece = heart.piece(begin...begin + 240, leads: 1 + number / 8 % 2)
            guard let last = piece.beats.first(where: { $0 > 60 }) else { continue }
            var record = MadeRecord(piece.leads, seed: number)
            record.still(piece.leads.indices, from: last + 0.45, material.wander)
            let wave = atrialWave(number, &record)
            let (height, rate) = (record.random(0.1...0.3), record.random(60...120))
            record.addAtrial(wave, height: height, rate: rate, from: last + 1.05)
            let outcome = record.outcome()
            if !outcome.hasAsystole(from: last, within: 6) { late += 1 }
            if outcome.holds(.asystole, from: last), !outcome.times(.asystole, false, from: last).isEmpty {
                ended += 1
            }
            if outcome.holds(.ventricularTachycardia, from: last) { tachycardias += 1 }
        }
        return [
            "standstill with P waves of 0.1 to 0.3 mV: none within 6 s \(late) of 120, ended \(ended), "
                + "ventricular tachycardia \(tachycardias)"
        ]
    }

    /// One lead stands still while the other holds the motion of an electrode.
    private func motionBesideStill(isConstant: Bool) -> [String] {
        let names = ["100", "101", "119", "231", "106", "233", "208"]
        var (told, unjudged, fast) = (0, 0, 0)
        for number in 0..<36 {
            guard let heart = material.hearts.first(where: { $0.name == names[number % 7] }) else { continue }
            var probe = MadeRecord([], seed: number)
            let begin = 60 + probe.random(0...500).rounded()
            let piece = heart.piece(begin...begin + 130, leads: 2)
            guard let last = piece.beats.first(where: { $0 > 60 }) else { continue }
            var record = MadeRecord(piece.leads, seed: number)
            record.still(0..<2, from: last + 0.45, material.wander, noise: isConstant ? 0 : 0.006)
            let other = 1 - number % 2
            let from = 100_000 + Int(record.random(0...200_000))
            for at in record.leads[other].indices {
                let motion = [0.5, 1, 2][number % 3] * material.motion[from + at]
                record.leads[other][at] = motion + (number % 4 < 2 ? record.leads[other][at] : 0)
            }
            let outcome = record.outcome()
            let isTold = outcome.hasAsystole(from: last, within: 8)
            if isTold { told += 1 }
            let within = outcome.hasAsystole(from: last, within: 15)
            if within || outcome.isUnjudged(last...last + 15) { unjudged += 1 }
            let isFast =
                outcome.holds(.tachycardia, from: last) || outcome.holds(.extremeTachycardia, from: last)
                || outcome.holds(.ventricularTachycardia, from: last)
            if isFast, !outcome.holds(.asystole, from: last) { fast += 1 }
        }
        return [
            "standstill in one lead\(isConstant ? ", constant" : ""), motion in the other: asystole within 8 s \(told), "
                + "it or not judged within 15 s \(unjudged), tachycardia alone \(fast) of 36"
        ]
    }

    /// The good lead dies, one with QRS of 0.12 to 0.15 mV stays.
    private func goodLeadDies() -> [String] {
        let names = ["100", "101", "119", "231", "106", "233", "222", "200"]
        var asystoles = 0
        for number in 0..<48 {
            guard let heart = material.hearts.first(where: { $0.name == names[number % 8] }) else { continue }
            let start = 60 + 120 * Double(number / 8)
            let piece = heart.piece(start...start + 120, leads: 2)
            var record = MadeRecord(piece.leads, seed: number)
            let factor = [0.12, 0.135, 0.15][number % 3] / piece.height(1, before: 60)
            for at in record.leads[1].indices { record.leads[1][at] *= factor }
            record.addNoise(0.003, to: 0..<2)
            for at in 30_000..<record.leads[0].count { record.leads[0][at] = record.leads[0][30_000] }
            if number.isMultiple(of: 2) { record.addNoise(0.004, to: 0..<1, from: 60) }
            if record.outcome().holds(.asystole, from: 60) { asystoles += 1 }
        }
        return ["good lead dies, one with QRS of 0.12 to 0.15 mV stays: asystole \(asystoles) of 48"]
    }

    /// One of two leads dies, drifts and hums on; the other goes on as it is.
    private func leadDies() -> [String] {
        var (runs, asystoles, part, names) = (0, 0, (missed: 0, all: 0), [String]())
        for start in stride(from: 40.0, to: 1_641, by: 200) {
            for heart in material.hearts {
                let piece = heart.piece(start...start + 120, leads: 2)
                var record = MadeRecord(piece.leads, seed: runs)
                let dead = runs / material.hearts.count % 2
                record.still(dead..<dead + 1, from: 60, material.wander)
                let outcome = record.outcome()
                runs += 1
                if outcome.holds(.asystole, from: 60) {
                    asystoles += 1
                    names.append(heart.name)
                }
                let missed = outcome.missed(piece.beats, 62...118)
                part = (part.missed + missed.missed, part.all + missed.all)
            }
        }
        return [
            "one of two leads dies, the other goes on: asystole \(asystoles) of \(runs), QRS missed \(share(part)); in "
                + names.joined(separator: " ")
        ]
    }

    /// Each lead of LUDB behind a gap of 5 s behind itself, as it is and at 0.4 of its height.
    private func singlesBehindGap() throws -> [String] {
        let leads = try material.singleLeads()
        return [1, 0.4].map { (factor: Float) in
            let asystoles = leads.count { lead in
                let gap = [Float](repeating: .nan, count: 2_500)
                let record = MadeRecord([lead + gap + lead.map { $0 * factor }], seed: 0)
                return record.outcome().holds(.asystole, from: 15)
            }
            return
                "single leads of LUDB behind a gap of 5 s, times \(factor): asystole \(asystoles) of \(leads.count)"
        }
    }
}
