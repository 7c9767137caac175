public import ECGSignal
public import Findings

/// What each rule of the lane says now, and by which figure.
extension RhythmLane {
    /// The share of fully alike beats that the newest ones have, about 1 for those of a heart; nil before three.
    ///
    /// Below 0.75 nothing new that is made of beats begins.
    public func agreement(at n: GridIndex) -> Double? { classifier.agreement.mean(at: Int(n)) }

    /// One reading a finding, those of the heart's standstill first; `n` is the last row that was taken.
    public var readings: [RuleReading] {
        silenceReadings + rateReadings + runReadings + [fibrillationReading, irregularityReading]
            + patternReadings
    }

    private var untrusted: String {
        trust.isTrusted ? "" : "; it begins only where the newest beats resemble each other, and they do not"
    }

    private var silenceReadings: [RuleReading] {
        let seconds = Double(silence.silentSamples) / Double(Grid.rate)
        let note =
            silence.isInterrupted
            ? "no lead has had a sample for more than 2 s: the count begins anew"
            : silence.isUndecided
                ? "signal since the newest beat in which one would have been seen, in stretches so short that beats may "
                    + "have been lost between them: rhythm cannot be judged"
                : "signal since the newest beat in which one would have been seen; said 0.28 s later"
        return [
            RuleReading(
                RhythmFinding.asystole.rawValue,
                holds: holds(.asystole),
                isNear: seconds >= 2,
                figure: seconds,
                limit: 4,
                unit: "s",
                note: note
            ),
            RuleReading(
                RhythmFinding.pause.rawValue,
                holds: holds(.pause),
                isNear: seconds >= 2,
                figure: seconds,
                limit: 3,
                unit: "s",
                note: note + untrusted
            ),
        ]
    }

    private var rateReadings: [RuleReading] {
        let rate = heartRate.alarmRate
        let limits = heartRate.limits
        func reading(_ finding: RhythmFinding, _ limit: Int, _ side: RuleReading.Side) -> RuleReading {
            let isFast = side == .above
            let note =
                rate == nil
                ? "fewer than four intervals in which no beat can have been lost since the signal came, a gap or a fibrillation"
                : (heartRate.rate(of: 4) ?? 60) < HeartRate.slowRate
                    ? "of four intervals" : "of eight intervals"
            let calm = holds(finding) ? "; over once it was inside by 5/min for 10 s" : ""
            return RuleReading(
                finding.rawValue,
                holds: holds(finding),
                isNear: rate.map { abs($0 - Double(limit)) < 10 } ?? false,
                figure: rate,
                limit: Double(limit),
                side,
                unit: "/min",
                note: note + calm + (isFast ? untrusted : "")
            )
        }
        return [
            reading(.bradycardia, limits.low, .below),
            reading(.extremeBradycardia, limits.extremeLow, .below),
            reading(.tachycardia, limits.high, .above),
            reading(.extremeTachycardia, limits.extremeHigh, .above),
        ]
    }

    private var runReadings: [RuleReading] {
        func reading(_ finding: RhythmFinding, _ beats: Int) -> RuleReading {
            RuleReading(
                finding.rawValue,
                holds: holds(finding),
                isNear: runs.beats >= 2,
                figure: Double(runs.beats),
                limit: Double(beats),
                unit: "beats",
                note: "ventricular ones in a row at 100/min or more" + untrusted
            )
        }
        return [
            reading(.ventricularShortRun, VentricularRuns.shortRunBeats),
            reading(.ventricularTachycardia, VentricularRuns.tachycardiaBeats),
        ]
    }

    private var fibrillationReading: RuleReading {
        let leakage = fibrillation.newestLeakage
        let isOn = holds(.ventricularFibrillation)
        return RuleReading(
            RhythmFinding.ventricularFibrillation.rawValue,
            holds: isOn,
            isNear: (leakage ?? 1) < FibrillationWatch.endLeakage,
            figure: leakage,
            limit: FibrillationWatch.leakageMax,
            .below,
            unit: "leakage",
            note: "of a filter that takes out a sine; 1 where the swing cannot be one; "
                + (isOn ? "over after 14 s without it" : "\(fibrillation.hits) of 3 looks in a row are below")
        )
    }

    private var irregularityReading: RuleReading {
        let entropy = irregularity.newest?.entropy
        func percent(_ share: Double) -> Int { Int(100 * share + 0.5) }
        let change = irregularity.newest.map {
            "neighbours differ by \(percent($0.change)) %, \(percent(AtrialIrregularity.changeMin)) needed, "
                + "\(percent(AtrialIrregularity.fastChangeMin)) above 100/min with an entropy of "
                + "\(AtrialIrregularity.fastEntropyMin)"
        }
        let limit = irregularity.newest.map { AtrialIrregularity.entropyMin(at: $0.change) }
        return RuleReading(
            RhythmFinding.atrialFibrillation.rawValue,
            holds: holds(.atrialFibrillation),
            isNear: (entropy ?? -.infinity) >= (limit ?? 0) - 0.3,
            figure: entropy,
            limit: limit ?? AtrialIrregularity.entropyMin,
            unit: "entropy",
            note: (change ?? "fewer than twelve intervals of 30 s, or ventricular beats among them")
                + untrusted
        )
    }

    private var patternReadings: [RuleReading] {
        let sums = patterns.minute.sums
        func pattern(_ finding: RhythmFinding, _ note: String) -> RuleReading {
            RuleReading(finding.rawValue, holds: holds(finding), note: note + untrusted)
        }
        return [
            RuleReading(
                RhythmFinding.frequentVentricular.rawValue,
                holds: holds(.frequentVentricular),
                isNear: sums.ventricular >= EctopicMinute.onset / 2,
                figure: Double(sums.ventricular),
                limit: Double(EctopicMinute.onset),
                unit: "/min",
                note: "of \(sums.beats) beats of the last minute, of which they must be a tenth" + untrusted
            ),
            pattern(.ventricularCouplet, "two in a row between two basic beats, told with the second"),
            pattern(.ventricularBigeminy, "every second beat, three times in a row"),
            pattern(.ventricularTrigeminy, "every third beat, three times in a row"),
        ]
    }
}
