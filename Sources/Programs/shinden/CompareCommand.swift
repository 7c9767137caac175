internal import ArgumentParser
internal import FrameLog
internal import Pipeline
internal import Service
internal import Wire

/// Shows what another policy would have made of a recorded run.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Show which alarms of a recorded run another policy keeps, gains, loses and moves. Research software, "
            + "not a medical device.",
        usage: "shinden compare <log> --policy <first> --policy <second> [<options>]",
        discussion: """
            It goes through a frame log (shinden serve --record) once under each of two policies, with the samples, commands \
            and times that the daemon had, and puts their alarms beside each other, as a review of code does. A policy is a \
            file as serve takes it, `default` for the one without a file, or `recorded` for the one that the daemon followed.

            Two alarms of a patient's device and of one statement are the same where their times overlap. Moved is what \
            begins or ends at another time, has another highest priority, or is signalled under one policy alone.

            EXAMPLES
              shinden compare LOGS --policy recorded --policy ward.yaml
              shinden compare LOGS --policy default --policy ward.yaml --json | jq .lost

            EXIT CODES
              0 done  64 usage  65 damaged log  66 no such file  74 cannot be read  78 model or policy
            """
    )

    @Argument(help: "A frame log: a folder or one of its segments.", completion: .directory) var path: String
    @Option(
        help: "A policy file, `default` or `recorded`; give it twice.",
        completion: .file(extensions: ["yaml"])
    ) var policy: [String]
    @Flag(help: "Print all alarms, also those that both policies have alike.") var all = false
    @Flag(help: "Print one JSON object.") var json = false
    @Flag(help: "Print nothing on stderr but errors.") var quiet = false
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        guard policy.count == 2 else {
            throw ValidationError("give --policy twice: what is compared, and with what")
        }
    }

    func run() throws {
        if !quiet { Output.words("Research software, not a medical device.") }
        let (model, _) = try modelOption.load()
        var sides: [[AlarmComparison.Alarm]] = []
        for (place, name) in policy.enumerated() {
            sides.append(try alarms(under: name, model, isRemarking: place == 0 && !quiet))
        }
        let page = ComparePage(AlarmComparison(sides[0], sides[1]), policies: policy, hasAll: all)
        if json { return Output.data(page.json.canonicalText) }
        for line in page.lines { Output.people(line, indent: 12) }
    }

    private func alarms(
        under name: String,
        _ model: Model,
        isRemarking: Bool
    ) throws -> [AlarmComparison.Alarm] {
        let choice: LogReplay.PolicyChoice
        do { choice = try LogReplay.PolicyChoice(file: name) } catch {
            Output.words("shinden compare: \(error)")
            throw Failure.configuration
        }
        do {
            var replay = try LogReplay(try FrameLogReader(path), model: model, policy: choice)
            var collector = AlarmCollector()
            while let events = try replay.next() {
                collector.take(standing: replay.takeStanding())
                collector.take(events)
            }
            if isRemarking {
                for remark in FrameLogPage.remarks(replay.reader) { Output.words("\(path): \(remark)") }
            }
            return collector.alarms
        } catch let error as FrameLogError {
            Output.words("shinden compare: \(error)")
            throw Failure.code(of: error)
        } catch {
            Output.words("shinden compare: \(path): \(error)")
            throw Failure.configuration
        }
    }
}
