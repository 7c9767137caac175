internal import ArgumentParser
internal import ECGSignal
internal import Wire

/// Sets the limits of a patient's heart rate, and what its ST segment is compared with.
struct Limits: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set the heart rates and the ST change beyond which a patient of a running daemon alarms.",
        discussion: """
            Where a rate is given, those that are not are an adult's: 40, 50, 120 and 140 beats a minute; where none is, they \
            stay the ward's. ST alarms from a change of 100 microvolts in two neighbouring leads (twice as much in one) from \
            the median of the first five minutes with a known ST, where nothing else is given. --st-baseline-uv names the patient's usual level of ST instead, lead by lead, as `shinden watch --kind vitals` \
            shows it in millivolts. What was set before for this patient and is not given goes back too. All of it holds until it is \
            set anew or the patient is discharged, and goes before the rates of the ward's policy. Research software, not a medical device.

            EXAMPLES
              shinden limits --patient p0001 --high 130 --extreme-high 160
              shinden limits --patient p0001 --st-change-uv 150   the rates stay the ward's
              shinden limits --patient p0001 --st-baseline-uv II=40,V2=120,V3=90
              shinden limits --patient p0001 --default

            EXIT CODES
              0 done  1 no such patient, or limits that cannot hold  64 usage
              69 no daemon answers  78 endpoint refused
            """
    )

    @Option(help: "The patient.") var patient: String
    @Option(help: "Extreme bradycardia below, 20 to 60.") var extremeLow: Int?
    @Option(help: "Bradycardia below, 25 to 100.") var low: Int?
    @Option(help: "Tachycardia above, 80 to 220.") var high: Int?
    @Option(help: "Extreme tachycardia above, 100 to 250.") var extremeHigh: Int?
    @Option(name: .customLong("st-change-uv"), help: "ST alarms from so many microvolts on, 50 to 500.")
    var stChange: Int?
    @Option(
        name: .customLong("st-baseline-uv"),
        help:
            "The usual level of ST, microvolts: II=40,V2=120; the other leads keep that of their first minutes."
    ) var stBaseline: String?
    @Flag(
        name: .customLong("default"),
        help: "The ward's limits again, an adult's where its policy has none."
    ) var isDefault = false
    @OptionGroup var option: ControlOption

    func validate() throws {
        try PatientOption.check(patient)
        let given = [extremeLow, low, high, extremeHigh, stChange].compactMap(\.self)
        guard (given.isEmpty && stBaseline == nil) == isDefault else {
            throw ValidationError("give one or more limits, or --default")
        }
        do { _ = try order() } catch { throw ValidationError("\(error)") }
    }

    private func order() throws -> LimitOrder {
        let adult = PatientLimits.adult
        let st = try STLimits(change: stChange ?? adult.st.change, baseline: levels())
        guard [extremeLow, low, high, extremeHigh].contains(where: { $0 != nil }) else {
            return LimitOrder(st: st)
        }
        return try LimitOrder(
            PatientLimits(
                extremeLow: extremeLow ?? adult.extremeLow,
                low: low ?? adult.low,
                high: high ?? adult.high,
                extremeHigh: extremeHigh ?? adult.extremeHigh,
                st: st
            )
        )
    }

    /// Reads `II=40,V2=120`.
    private func levels() throws -> [(lead: Lead, level: Int)] {
        guard let stBaseline else { return [] }
        return try stBaseline.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let lead = Lead(name: String(sides[0])), let level = Int(sides[1]) else {
                throw ValidationError(
                    "--st-baseline-uv: \(part) is no lead with whole microvolts; write II=40,V2=120"
                )
            }
            return (lead, level)
        }
    }

    func run() throws {
        let order = isDefault ? nil : try order()
        let reply = try option.perform("limits", .order(.limits(order), .patient(patient)))
        option.tell(reply) { _ in Limits.words(of: order) }
    }

    private static func words(of order: LimitOrder?) -> String {
        guard let order else { return "limits are the ward's again, an adult's where it has none" }
        guard let rates = order.rates else {
            return "ST is set; the rates are the ward's, an adult's where it has none"
        }
        return "limits are \(rates.map { "\($0.value)" }.joined(separator: ", "))/min"
    }
}
