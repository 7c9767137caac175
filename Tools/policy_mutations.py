#!/usr/bin/env python3
"""Breaks each rule of the alarm policy in the code, one by one, and shows that a timeline fails.

    Tools/policy_mutations.py             run all mutations; write docs/POLICY_MUTATIONS.md
    Tools/policy_mutations.py latch       run those whose rule has that word; write nothing

Each mutation is a piece of Sources/Core/Policy that stands there exactly once, and what it is replaced by. The room is
compiled with the change in a folder of its own, beside the timelines' runner of Tests/PolicyTests, and every timeline is
run. A mutation that no timeline notices, or a piece that is no longer in the code, fails the run. It needs one build of
the package before, for the words that the room imports: `make build`.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOM = ROOT / "Sources/Core/Policy"
TESTS = ROOT / "Tests/PolicyTests"
PAGE = ROOT / "docs/POLICY_MUTATIONS.md"

# The rule that is broken, the file, the piece of code, what stands there instead.
MUTATIONS = [
    ("an onset delay passes before an alarm", "EventPolicy+Settling.swift",
     "if clock.now >= lines[index].since + row.onsetSamples { lines[index].isRaised = true }",
     "lines[index].isRaised = true"),
    ("an end delay passes before an end", "EventPolicy+Settling.swift",
     "if clock.now >= lines[index].since + row.endSamples { lower(index) }",
     "lower(index)"),
    ("an onset delay counts from where the finding began", "EventPolicy+Observations.swift",
     "let reading = clock.reading(at: min(since, moment.sample))",
     "let reading = clock.reading(at: moment.sample)"),
    ("an end delay counts from where the finding ended", "EventPolicy+Observations.swift",
     "lines[index].since = clock.reading(at: min(finding.since, moment.sample))",
     "lines[index].since = clock.reading(at: moment.sample)"),
    ("a threshold has room between onset and end", "PolicyTable.swift",
     "let limit = before ? end : onset", "let limit = onset"),
    ("a threshold has its side", "PolicyTable.swift",
     "side == .above ? value >= limit : value <= limit", "value >= limit"),
    ("high alarms latch", "PolicyTable+Defaults.swift",
     "latches: highest == .high,", "latches: false,"),
    ("medium alarms do not latch", "PolicyTable+Defaults.swift",
     "latches: highest == .high,", "latches: highest == .high || highest == .medium,"),
    ("low alarms do not latch", "PolicyTable+Defaults.swift",
     "latches: highest == .high,", "latches: highest == .high || highest == .low,"),
    ("an acknowledged high alarm ends with its finding", "EventPolicy+Settling.swift",
     "table.rows[lines[index].row].latches, alarm.acknowledgedBy == nil {",
     "table.rows[lines[index].row].latches {"),
    ("acknowledging what is latched and over ends it", "EventPolicy+Operators.swift",
     "if alarm.state == .latched, !alarm.needsBeats {", "if false {"),
    ("a new episode of a latched alarm is a new alarm", "EventPolicy+Settling.swift",
     "guard alarm.state == .latched else { return }\n            end(index, .newEpisode",
     "guard alarm.state != .latched, alarm.state != .active else { return }\n            end(index, .newEpisode"),
    ("only the first of a chain that holds speaks", "PolicyTable.swift",
     "for superior in before where !superiors[member].contains(superior) {",
     "for superior in before.prefix(0) where !superiors[member].contains(superior) {"),
    ("a finding speaks for its parents", "PolicyTable.swift",
     "        superiors = descendants\n        for chain in chains {",
     "        superiors = descendants.map { _ in [] }\n        for chain in chains {"),
    ("rows of one level do not speak for each other", "PolicyTable.swift",
     "for superior in before where !superiors[member].contains(superior) {",
     "for superior in before + members where superior != member && !superiors[member].contains(superior) {"),
    ("nothing silences what is more urgent", "EventPolicy+Settling.swift",
     "&& priority(of: other).urgency >= own", "&& priority(of: other).urgency >= own - 3"),
    ("what is as urgent may speak for it", "EventPolicy+Settling.swift",
     "&& priority(of: other).urgency >= own", "&& priority(of: other).urgency > own"),
    ("what is latched and over speaks for nothing", "EventPolicy+Settling.swift",
     "            other.speaksForOthers && other.baselineBy == nil",
     "            (other.speaksForOthers || other.alarm?.state == .latched) && other.baselineBy == nil"),
    ("what nobody can see speaks for nothing", "AlarmLine.swift",
     "var speaksForOthers: Bool { isRaised && condition != .unseen }",
     "var speaksForOthers: Bool { isRaised }"),
    ("what gives way ends", "EventPolicy+Settling.swift",
     "for index in lines.indices where lines[index].alarm?.state == .active && isSpokenFor(index) {",
     "for index in lines.indices where lines[index].alarm?.state == .active && isSpokenFor(index) && clock.now < 0 {"),
    ("what is over while a higher one begins was superseded", "EventPolicy+Settling.swift",
     "} else if hasSuperior(index) {", "} else if false, hasSuperior(index) {"),
    ("what gave way and still holds speaks again", "EventPolicy+Settling.swift",
     "where lines[index].condition == .holding && speaks(index) {",
     "where lines[index].condition == .holding && speaks(index) && !lines[index].wasSuperseded {"),
    ("what speaks again says so", "EventPolicy+Settling.swift",
     "isResumed ? .resumed : .began", ".began"),
    ("what gave way and is over does not speak again", "EventPolicy+Settling.swift",
     "where lines[index].condition == .holding && speaks(index) {",
     "where (lines[index].condition == .holding || lines[index].wasSuperseded) && !hasSuperior(index) "
     "&& lines[index].sinceMoment != nil && lines[index].baselineBy == nil {"),
    ("an acknowledgement silences one alarm only", "EventPolicy+Operators.swift",
     "lines[index].alarm?.acknowledgedBy = name",
     "for other in lines.indices { lines[other].alarm?.acknowledgedBy = name }"),
    ("an acknowledgement names one episode only", "EventPolicy+Operators.swift",
     "$0.alarm?.identity == identity", "$0.alarm?.identity.statement == identity.statement"),
    ("a second acknowledgement learns who was first", "EventPolicy+Operators.swift",
     "if let first = alarm.acknowledgedBy { return .already(by: first) }", ""),
    ("an alarm that ended is told from one that never was", "EventPolicy+Operators.swift",
     "return ended.contains(identity) ? .ended : .unknown", "return .unknown"),
    ("an escalation that was not seen is not acknowledged", "EventPolicy+Operators.swift",
     "if let soundings, soundings < alarm.soundings { return .changedSince }", ""),
    ("what is signalled anew is no longer acknowledged", "EventPolicy+Settling.swift",
     "lines[index].alarm?.acknowledgedBy = nil", ""),
    ("what is signalled anew is counted", "EventPolicy+Settling.swift",
     "lines[index].alarm?.soundings += 1", ""),
    ("an alarm that stands for long changes its priority", "EventPolicy+Settling.swift",
     "lines[index].alarm?.priority = priority", ""),
    ("a fall of the priority keeps the acknowledgement", "EventPolicy+Settling.swift",
     "emit(.deescalate, .stood,", "soundAnew(index)\n            emit(.deescalate, .stood,"),
    ("what comes again within its re-arm time is not signalled", "EventPolicy+Settling.swift",
     "alarm.isRecordedOnly = clock.now - last < row.rearmSamples", "alarm.isRecordedOnly = false"),
    ("a high alarm knows no re-arm time", "EventPolicy+Settling.swift",
     "if !isResumed, row.priority != .high, let last", "if !isResumed, let last"),
    ("a pause of sounds silences", "EventPolicy+Events.swift",
     "return pauses.audioUntil != nil ? .audioPaused : .on", "return .on"),
    ("a pause of alarms is recorded as such", "EventPolicy+Events.swift",
     "if pauses.alarmUntil != nil { return .alarmPaused }", ""),
    ("a new high alarm breaks through a pause", "EventPolicy+Events.swift",
     "let breaksThrough = alarm.priority == .high && alarm.isNew", "let breaksThrough = false"),
    ("only high alarms break through a pause", "EventPolicy+Events.swift",
     "let breaksThrough = alarm.priority == .high && alarm.isNew", "let breaksThrough = alarm.isNew"),
    ("a high alarm that stood when the pause began is silent", "EventPolicy+Operators.swift",
     "for index in lines.indices { lines[index].alarm?.isNew = false }", ""),
    ("what becomes high during a pause breaks through", "EventPolicy+Settling.swift",
     "lines[index].alarm?.isNew = true", ""),
    ("that monitoring is lost cannot be paused", "PolicyTable+Defaults.swift",
     "isPausable = false", "isPausable = true"),
    ("a pause begins for what stands", "EventPolicy+Operators.swift",
     "refreshSignals(.paused, at: moment, by: name, into: &events)", "_ = moment"),
    ("a pause ends by itself", "EventPolicy.swift",
     "guard pauses.end(at: arrival.monotonic), let", "guard false, pauses.end(at: arrival.monotonic), let"),
    ("at its end what stands is signalled again", "EventPolicy.swift",
     "signalAgain(.continue, .pauseOver, at: moment, into: &events)", "_ = moment"),
    ("a pause lasts 600 s at most", "EventPolicy+Operators.swift",
     "static let secondsMax = 600", "static let secondsMax = 601"),
    ("asking again does not lengthen a pause beyond 600 s", "EventPolicy+Operators.swift",
     "let first = began ?? now", "let first = now"),
    ("a pause of 0 s ends it", "EventPolicy+Operators.swift",
     "let until = seconds == 0 ? nil : min(asked, most)", "let until: MonotonicNanoseconds? = min(asked, most)"),
    ("what was acknowledged stays silent when a pause ends", "EventPolicy+Events.swift",
     "if alarm.acknowledgedBy != nil { return .acknowledged }",
     "if alarm.acknowledgedBy != nil, lines.count > 9 { return .acknowledged }"),
    ("a high alarm is latched when the signal is lost", "PolicyTable+Defaults.swift",
     "latchesUnseen: highest == .high ||", "latchesUnseen:"),
    ("a tachycardia is latched when the signal is lost", "PolicyTable+Defaults.swift",
     "|| PolicyTable.Row.fast.contains(statement.id)", ""),
    ("what stands when the signal is lost, stands", "EventPolicy+Observations.swift",
     "lines[index].condition = lines[index].isRaised ? .unseen : .absent",
     "lines[index].condition = .absent\n        lines[index].since = clock.now"),
    ("what was about to count when the signal went is forgotten", "EventPolicy+Observations.swift",
     "lines[index].condition = lines[index].isRaised ? .unseen : .absent",
     "if lines[index].isRaised { lines[index].condition = .unseen }"),
    ("an end that is reported without a signal is not believed", "EventPolicy+Observations.swift",
     "} else if !isAnalysable, table.rows[row].kind == .physiological {",
     "} else if false, table.rows[row].kind == .physiological {"),
    ("what was latched without a signal waits for beats", "EventPolicy+Observations.swift",
     "lines[index].alarm?.needsBeats = true", "lines[index].alarm?.needsBeats = false"),
    ("it waits for 10 s of beats", "EventPolicy+Observations.swift",
     "static let enough: Int64 = 5_000", "static let enough: Int64 = 3_500"),
    ("a silence of 4 s between beats counts anew", "EventPolicy+Observations.swift",
     "now - newest > BeatRun.silenceMax", "now - newest > 60 * BeatRun.silenceMax"),
    ("beats alone do not end it", "EventPolicy+Settling.swift",
     "if alarm.acknowledgedBy != nil, !alarm.needsBeats { end(", "if !alarm.needsBeats { end("),
    ("acknowledged is not enough without beats", "EventPolicy+Settling.swift",
     "if alarm.acknowledgedBy != nil, !alarm.needsBeats { end(", "if alarm.acknowledgedBy != nil { end("),
    ("beats of a dangerous rhythm are no recovery", "EventPolicy+Observations.swift",
     "guard isAnalysable, !isDangerous else {", "guard isAnalysable, !isDangerous || isDangerous else {"),
    ("what is seen again within 10 s is one episode", "EventPolicy+Settling.swift",
     "static let seenAgainSamples: Int64 = 5_000", "static let seenAgainSamples: Int64 = 500"),
    ("what is not seen again within 10 s is over", "EventPolicy+Settling.swift",
     "static let seenAgainSamples: Int64 = 5_000", "static let seenAgainSamples: Int64 = 50_000"),
    ("what is latched and seen again is signalled anew", "EventPolicy+Observations.swift",
     "soundAnew(index)", ""),
    ("technical findings are seen without a signal", "EventPolicy+Observations.swift",
     "if isTechnical ? isStreamOver : wasAnalysable {", "if isTechnical || wasAnalysable {"),
    ("technical findings of an old stream are over", "EventPolicy+Observations.swift",
     "if isTechnical ? isStreamOver : wasAnalysable {", "if !isTechnical, wasAnalysable {"),
    ("a new epoch does not end what stands", "EventPolicy.swift",
     "if let end = clock.moment { lose(at: end, isStreamOver: true, into: &events) }",
     "for index in lines.indices { lines[index].condition = .absent }"),
    ("a stream that a newer one has replaced is not heard", "SignalClock.swift",
     "return moment.stream == replaced ? .replaced : .newStream", "return .newStream"),
    ("atrial fibrillation needs 30 s", "PolicyTable+Defaults.swift",
     "(onsetSamples, endSamples) = (30 * second, 60 * second)",
     "(onsetSamples, endSamples) = (10 * second, 60 * second)"),
    ("atrial fibrillation ends after 60 s", "PolicyTable+Defaults.swift",
     "(onsetSamples, endSamples) = (30 * second, 60 * second)",
     "(onsetSamples, endSamples) = (30 * second, 10 * second)"),
    ("atrial fibrillation ends as an info", "PolicyTable+Defaults.swift",
     "endsAsInfo = true", "endsAsInfo = false"),
    ("asystole and fibrillation need 4 s", "PolicyTable+Defaults.swift",
     'case "asystole", "ventricular_fibrillation": onsetSamples = 4 * second',
     'case "asystole", "ventricular_fibrillation": onsetSamples = 1 * second'),
    ("a measured ST change needs a minute", "PolicyTable+Defaults.swift",
     "(onsetSamples, endSamples) = (60 * second, 60 * second)", "(onsetSamples, endSamples) = (0, 60 * second)"),
    ("that nothing can be analysed alarms after 10 s", "PolicyTable+Defaults.swift",
     "(onsetSamples, endSamples) = (10 * second, 2 * second)", "(onsetSamples, endSamples) = (1, 2 * second)"),
    ("the model alone never alarms", "EventPolicy+Model.swift",
     "guard isAlarm || table.rows[row].isToldByModel else { continue }",
     "guard isAlarm || table.rows[row].isToldByModel else { continue }\n"
     "            if isAlarm { note(.init(statement, holds: true, since: moment.sample), at: moment, into: &events) }"),
    ("the model agrees within 15 s", "EventPolicy+Model.swift",
     "static let agreementSamples: Int64 = 7_500", "static let agreementSamples: Int64 = 8_500"),
    ("the model is quoted at all", "EventPolicy+Model.swift",
     "            quoteModel(for: index, into: &events)\n", ""),
    ("the model is quoted for what it said before", "EventPolicy+Settling.swift",
     "quoteModel(for: index, into: &events)", ""),
    ("the model is quoted once", "EventPolicy+Model.swift",
     "lines[index].quotable = nil\n", "_ = 0\n"),
    ("3 of 5 windows inform", "EventPolicy+Model.swift",
     "static let windowsNeeded = 3", "static let windowsNeeded = 2"),
    ("3 windows are enough to inform", "EventPolicy+Model.swift",
     "static let windowsNeeded = 3", "static let windowsNeeded = 4"),
    ("only the newest 5 windows count", "EventPolicy+Model.swift",
     "static let windowsLooked = 5", "static let windowsLooked = 7"),
    ("of the model's statements the most specific one informs", "EventPolicy+Model.swift",
     "guard !isSaidCloser, last", "guard last"),
    ("the model informs once", "EventPolicy+Model.swift",
     "last.map({ reading - $0 >= row.rearmSamples }) ?? true else", "true || last == nil else"),
    ("a finding that never alarms informs once", "EventPolicy+Events.swift",
     "if let last = lines[index].lastEnd, clock.now - last < row.rearmSamples { return }", ""),
    ("it informs again after ten minutes", "PolicyTable+Defaults.swift",
     "rearmSamples = 600 * second", "rearmSamples = 6_000 * second"),
    ("a finding that never alarms does not stand", "EventPolicy+Settling.swift",
     "if row.priority == .info {", "if false {"),
    ("what is accepted as baseline is silent", "EventPolicy+Operators.swift",
     "lines[index].baselineBy = isBaseline ? name : nil", "lines[index].baselineBy = nil"),
    ("a baseline can be taken back", "EventPolicy+Operators.swift",
     "lines[index].baselineBy = isBaseline ? name : nil", "lines[index].baselineBy = name"),
    ("accepting a baseline ends its alarm", "EventPolicy+Operators.swift",
     "end(index, .baseline, at", "emit(.update, .baseline, of: index, at"),
    ("nothing high can be a baseline", "EventPolicy+Operators.swift",
     "table.rows[row].kind == .physiological, table.rows[row].priority != .high else",
     "table.rows[row].kind == .physiological else"),
    ("nothing technical can be a baseline", "EventPolicy+Operators.swift",
     "table.rows[row].kind == .physiological, table.rows[row].priority != .high else",
     "table.rows[row].priority != .high else"),
    ("a baseline speaks for nothing else", "EventPolicy+Settling.swift",
     "other.speaksForOthers && other.baselineBy == nil && superiors",
     "other.speaksForOthers && superiors"),
    ("standby silences what is below high", "EventPolicy+Events.swift",
     "if standby != nil, alarm.priority != .high { return .off }", ""),
    ("a high alarm is signalled on standby", "EventPolicy+Events.swift",
     "if standby != nil, alarm.priority != .high { return .off }", "if standby != nil { return .off }"),
    ("standby ends when signal comes", "EventPolicy+Observations.swift",
     "guard standby?.hasSignalBeenAway == true else { return }", "guard standby?.by == nil else { return }"),
    ("standby waits for the signal to go first", "EventPolicy+Observations.swift",
     "guard standby?.hasSignalBeenAway == true else { return }", "guard standby != nil else { return }"),
    ("when standby ends, what stands is signalled", "EventPolicy+Observations.swift",
     "signalAgain(.update, .standby, at: moment, into: &events)", ""),
    ("a discharge ends what stands", "EventPolicy+Operators.swift",
     "for index in lines.indices { end(index, .discharged, at: moment, by: name, into: &events) }",
     "_ = moment"),
    ("a discharge forgets the baseline", "EventPolicy+Operators.swift",
     "lines[index].baselineBy = nil", ""),
    ("what still holds after a discharge alarms anew", "EventPolicy+Operators.swift",
     "lines.removeAll { !isAnalysable || $0.condition == .absent }", "lines.removeAll()"),
    ("a new figure of a standing alarm is told", "EventPolicy+Observations.swift",
     "lines[index].hasNews = true", "lines[index].hasNews = false"),
    ("events of one sample are judged together", "EventPolicy.swift",
     "        isUnsettled = true\n    }\n\n    /// The patient's stream has been judged",
     "        isUnsettled = true\n        settle(into: &events)\n    }\n\n    /// The patient's stream has been judged"),
    ("the most urgent alarm stands first", "EventPolicy.swift",
     "one.priority.urgency > other.priority.urgency", "one.priority.urgency < other.priority.urgency"),
]

MAIN = """
import Foundation

@main struct Runner {
    static func main() throws {
        let folder = CommandLine.arguments[1]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        where name.hasSuffix(".txt") {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            if try !Timeline(text).differences().isEmpty { print(name) }
        }
    }
}
"""


def words(folder):
    """The modules that the room imports, compiled once without a change."""
    build = ROOT / ".build"
    resources = next(build.glob("*/release/Findings.build/DerivedSources/embedded_resources.swift"))
    rooms = {"Mathematics": [], "ECGSignal": [], "Findings": [resources]}
    for name, more in rooms.items():
        sources = sorted((ROOT / "Sources/Core" / name).glob("*.swift")) + more
        command = ["swiftc", "-Onone", "-parse-as-library", "-swift-version", "6", "-I", folder, "-module-name", name,
                   "-emit-module", "-emit-module-path", f"{folder}/{name}.swiftmodule", "-emit-library", "-static",
                   "-o", f"{folder}/lib{name}.a", *map(str, sources)]
        subprocess.run(command, check=True)


def failing(folder, change):
    """The timelines that notice a change of the room; None where the changed room does not compile."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        sources = []
        for path in sorted(ROOM.glob("*.swift")) + [TESTS / "Timeline.swift", TESTS / "TimelineRun.swift"]:
            text = path.read_text().replace("@testable import Policy\n", "")
            if change and path.name == change[1]:
                text = text.replace(change[2], change[3])
            # One module holds the room and the runner.
            text = re.sub(r"^(public|internal) import ", "import ", text, flags=re.MULTILINE)
            sources.append(f"{place}/{path.name}")
            pathlib.Path(sources[-1]).write_text(text)
        sources.append(f"{place}/Runner.swift")
        pathlib.Path(sources[-1]).write_text(MAIN)
        command = ["swiftc", "-Onone", "-wmo", "-parse-as-library", "-swift-version", "6", "-suppress-warnings",
                   "-I", folder, "-L", folder, "-o", f"{place}/runner", *sources, "-lFindings", "-lECGSignal",
                   "-lMathematics"]
        built = subprocess.run(command, capture_output=True, text=True)
        if built.returncode != 0:
            print(built.stderr[:2000], file=sys.stderr)
            return None
        run = subprocess.run([f"{place}/runner", str(TESTS / "Timelines")], capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            return ["(the run ended early)"]
        return run.stdout.split()


def main():
    wanted = sys.argv[1:]
    chosen = [m for m in MUTATIONS if all(word in m[0] for word in wanted)]
    faults = []
    for rule, name, piece, _ in chosen:
        count = (ROOM / name).read_text().count(piece)
        if count != 1:
            faults.append(f"{rule}: its piece stands {count} times in {name}")
    if faults:
        sys.exit("\n".join(faults))
    with tempfile.TemporaryDirectory() as folder:
        words(folder)
        plain = failing(folder, None)
        if plain != []:
            sys.exit(f"without a mutation these timelines fail already: {plain}")
        rows = []
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for mutation, found in zip(chosen, pool.map(lambda m: failing(folder, m), chosen)):
                print(f"{len(found) if found is not None else 'does not compile':>4}  {mutation[0]}", flush=True)
                rows.append((mutation, found))
    missed = [m[0] for m, found in rows if not found]
    if not wanted and not missed:
        lines = [
            "# What each rule of the alarm policy is worth",
            "",
            "Each rule was broken in the code, one at a time, and all timelines of",
            "[Tests/PolicyTests/Timelines](../Tests/PolicyTests/Timelines) were run: a rule that could be broken unnoticed",
            "would be no rule. Made by `Tools/policy_mutations.py`, which fails where a mutation goes unnoticed.",
            "",
            f"{len(rows)} mutations, each noticed by at least one of "
            f"{len(list((TESTS / 'Timelines').glob('*.txt')))} timelines.",
            "",
            "| rule that was broken | file | timelines that fail | one of them |",
            "| --- | --- | --- | --- |",
        ]
        for (rule, name, _, _), found in rows:
            lines.append(f"| {rule} | [{name}](../Sources/Core/Policy/{name}) | {len(found)} | `{found[0]}` |")
        PAGE.write_text("\n".join(lines) + "\n")
    if missed:
        sys.exit("nobody noticed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
