#!/usr/bin/env python3
"""Breaks each rule of the alarm policy in the code, one by one, and shows that a timeline fails.

    Tools/policy_mutations.py             run all mutations; write docs/POLICY_MUTATIONS.md; two minutes
    Tools/policy_mutations.py latch       run those whose rule has that word; write nothing

Each mutation is a piece of Sources/Core/Policy that stands there exactly once, and what it is replaced by. A function
whose rules are broken stands once more for each of them in a copy of the room, and a number says at run time which one
is on: so the room is compiled once, beside the timelines' runner of Tests/PolicyTests, and each mutation costs a run of
every timeline. A mutation that no timeline notices, or a piece that is no longer in the code, fails the run.
"""

import os
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
     "isRaised && condition != .unseen",
     "isRaised"),
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
    ("a pause that is none does not end", "EventPolicy+Operators.swift",
     "guard pauses != before else { return .until(nil) }", ""),
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
     "for row in rows.sorted() { informByModel(row, voice, at: moment, into: &events) }",
     "for row in rows.sorted() { informByModel(row, voice, at: moment, into: &events) }\n"
     "        for id in statements { note(.init(id, holds: true, since: moment.sample), at: moment, into: &events) }\n"
     "        isUnsettled = true"),
    ("the model agrees within 15 s", "EventPolicy+Model.swift",
     "static let agreementSamples: Int64 = 7_500", "static let agreementSamples: Int64 = 8_500"),
    ("the model is quoted at all", "EventPolicy+Model.swift",
     "events.append(quotation(of: alarm, at: later))", "_ = later"),
    ("the model is quoted for what it said before", "EventPolicy+Settling.swift",
     "quoteModel(for: alarm, lines[index].row, at: moment, into: &events)", ""),
    ("the model is quoted once", "ModelVoice.swift",
     "quoted.contains(alarm) || moment.sample > alarm.ended ?? .max", "moment.sample > alarm.ended ?? .max"),
    ("3 of 5 windows inform", "ModelVoice.swift",
     "static let windowsNeeded = 3", "static let windowsNeeded = 2"),
    ("3 windows are enough to inform", "ModelVoice.swift",
     "static let windowsNeeded = 3", "static let windowsNeeded = 4"),
    ("only the newest 5 windows count", "ModelVoice.swift",
     "static let windowsLooked = 5", "static let windowsLooked = 7"),
    ("of the model's statements the most specific one informs", "EventPolicy+Model.swift",
     "guard isNews, !isSaidCloser else", "guard isNews || isSaidCloser else"),
    ("the model informs once", "ModelVoice.swift",
     "return last.map { sample - $0 >= rearm } ?? true", "return last.map { sample - $0 >= 0 } ?? true"),
    ("a finding that never alarms informs once", "EventPolicy+Events.swift",
     "if let last = lines[index].lastEnd, clock.now - last < row.rearmSamples { return }", ""),
    ("it informs again after ten minutes", "PolicyTable+Defaults.swift",
     "rearmSamples = 600 * second", "rearmSamples = 6_000 * second"),
    ("a finding that never alarms does not stand", "EventPolicy+Settling.swift",
     "if row.priority == .info {", "if false {"),
    ("what is accepted as baseline is silent", "EventPolicy+Operators.swift",
     "lines[index].baseline = AlarmLine.Baseline(by: name, from: clock.moment)", "_ = name"),
    ("a baseline can be taken back", "EventPolicy+Operators.swift",
     "} else {\n            withdrawBaseline(of: index)", "} else {\n            _ = arrival"),
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
     "if lines[index].baselineBy != nil { withdrawBaseline(of: index) }", ""),
    ("what still holds after a discharge alarms anew", "EventPolicy+Operators.swift",
     "let stays = condition == .holding ||", "let stays = condition == .absent && lines[index].isRaised ||"),
    ("what is wrong with the signal is wrong after a discharge too", "EventPolicy+Operators.swift",
     "let stays = condition == .holding ||", "let stays = isAnalysable && condition == .holding ||"),
    ("a new figure of a standing alarm is told", "EventPolicy+Observations.swift",
     "lines[index].hasNews = true", "lines[index].hasNews = false"),
    ("events of one sample are judged together", "EventPolicy.swift",
     "case .window: break\n        }\n        isUnsettled = true",
     "case .window: break\n        }\n        isUnsettled = true\n        settle(into: &events)"),
    ("the most urgent alarm stands first", "EventPolicy.swift",
     "one.priority.urgency > other.priority.urgency", "one.priority.urgency < other.priority.urgency"),
    ("a pause counts after 3 s", "PolicyTable+Defaults.swift",
     "onsetSamples = 3 * second",
     "onsetSamples = 2 * second"),
    ("ST is over after a minute", "PolicyTable+Defaults.swift",
     "(onsetSamples, endSamples) = (60 * second, 60 * second)",
     "(onsetSamples, endSamples) = (60 * second, 10 * second)"),
    ("an electrode that is on again is over after 2 s", "PolicyTable+Defaults.swift",
     "case \"electrode_off\": endSamples = 2 * second",
     "case \"electrode_off\": endSamples = 10 * second"),
    ("analysable again is over after 2 s", "PolicyTable+Defaults.swift",
     "(onsetSamples, endSamples) = (10 * second, 2 * second)",
     "(onsetSamples, endSamples) = (10 * second, 10 * second)"),
    ("other findings are over after 10 s", "PolicyTable.swift",
     "public var endSamples: Int64 = 5_000",
     "public var endSamples: Int64 = 0"),
    ("the delay of onset is reached with its last sample", "EventPolicy+Settling.swift",
     "clock.now >= lines[index].since + row.onsetSamples",
     "clock.now > lines[index].since + row.onsetSamples"),
    ("delays pass by time alone", "EventPolicy.swift",
     "while let due = nextDeadline, due < target, let then = clock.moment(at: due) {",
     "while let due = nextDeadline, due < 0, let then = clock.moment(at: due) {"),
    ("leads that change are told", "EventPolicy+Observations.swift",
     "lines[index].figure != finding.figure || lines[index].leads != finding.leads",
     "lines[index].figure != finding.figure"),
    ("only the first of a chain speaks", "EventPolicy+Settling.swift",
     "lines[index].isRaised && lines[index].baselineBy == nil && !hasSuperior(index)",
     "lines[index].isRaised && lines[index].baselineBy == nil"),
    ("what stands gives way to what is higher", "EventPolicy+Settling.swift",
     "lines[index].isRaised && hasSuperior(index)",
     "false"),
    ("what has not counted yet speaks for nobody", "AlarmLine.swift",
     "isRaised && condition != .unseen",
     "condition != .absent"),
    ("who gave way speaks again as resumed", "EventPolicy+Settling.swift",
     "lines[index].wasSuperseded = true",
     ""),
    ("chains of the policy hold", "PolicyTable.swift",
     "superiors[member].append(superior)",
     ""),
    ("fibrillation stands above asystole", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"asystole\"], [\"extreme_bradycardia\"],",
     "[\"asystole\"], [\"ventricular_fibrillation\"], [\"extreme_bradycardia\"],"),
    ("tachycardia stands above the extreme rate", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"torsades_de_pointes\"], [\"ventricular_tachycardia\"],\n            [\"extreme_tachycardia\"],",
     "[\"ventricular_fibrillation\"], [\"torsades_de_pointes\"], [\"extreme_tachycardia\"],\n            [\"ventricular_tachycardia\"],"),
    ("a pause stands above bradycardia", "PolicyTable+Defaults.swift",
     "[\"pause\"], [\"bradycardia\"],",
     "[\"bradycardia\"], [\"pause\"],"),
    ("the infarction stands above its elevation", "PolicyTable+Defaults.swift",
     "[\"st_elevation_inferior\"], [\"st_elevation\"]],",
     "[\"st_elevation\"], [\"st_elevation_inferior\"]],"),
    ("high alarms latch when nothing can be judged", "PolicyTable+Defaults.swift",
     "highest == .high || PolicyTable.Row.fast.contains(statement.id)",
     "PolicyTable.Row.fast.contains(statement.id)"),
    ("acknowledging before the beats does not end it", "EventPolicy+Operators.swift",
     "if alarm.state == .latched, !alarm.needsBeats {",
     "if alarm.state == .latched {"),
    ("not seen again for 10 s is over", "EventPolicy+Settling.swift",
     "clock.now >= analysableSince + EventPolicy.seenAgainSamples else { return }",
     "clock.now < 0 else { return }"),
    ("seen again is active", "EventPolicy+Observations.swift",
     "lines[index].alarm?.state = .active",
     ""),
    ("re-arming is over after its time", "EventPolicy+Settling.swift",
     "clock.now - last < row.rearmSamples\n        }",
     "true\n        }"),
    ("the end is remembered for re-arming", "EventPolicy+Settling.swift",
     "lines[index].lastEnd = clock.now\n            end(",
     "end("),
    ("extrasystoles re-arm after 60 s", "PolicyTable+Defaults.swift",
     "rearmSamples = 60 * second",
     "rearmSamples = 0"),
    ("an alarm steps up after its time", "EventPolicy+Settling.swift",
     "clock.now >= alarm.began + steps[alarm.stepsTaken].afterSamples",
     "clock.now >= alarm.began"),
    ("an escalation sounds anew", "EventPolicy+Settling.swift",
     "soundAnew(index)\n        emit(.escalate",
     "emit(.escalate"),
    ("a lower step is a de-escalation", "EventPolicy+Settling.swift",
     "guard priority.urgency > alarm.priority.urgency else {",
     "guard priority.urgency >= 0 else {"),
    ("sounding anew is signalled though it re-arms", "EventPolicy+Settling.swift",
     "lines[index].alarm?.isRecordedOnly = false",
     ""),
    ("a negative pause is refused", "EventPolicy+Operators.swift",
     "guard (0...Pauses.secondsMax).contains(seconds) else",
     "guard seconds <= Pauses.secondsMax else"),
    ("a pause ends by the clock", "EventPolicy+Operators.swift",
     "if isAudioOver { audioUntil = nil }",
     ""),
    ("an alarm pause ends by the clock", "EventPolicy+Operators.swift",
     "if isAlarmOver { alarmUntil = nil }",
     ""),
    ("a pause ended by hand is told", "EventPolicy+Operators.swift",
     "signalAgain(.continue, .pauseOver, at: moment, by: name, into: &events)",
     ""),
    ("what cannot be paused is signalled", "EventPolicy+Events.swift",
     "guard row.isPausable, !breaksThrough else",
     "guard !breaksThrough else"),
    ("what is only recorded has no signal", "EventPolicy+Events.swift",
     "if alarm.isRecordedOnly { return .off }",
     ""),
    ("standby sees that the signal was away", "EventPolicy+Observations.swift",
     "standby?.hasSignalBeenAway = true",
     ""),
    ("standby tells what changes", "EventPolicy+Operators.swift",
     "refreshSignals(.standby, at: moment, by: name, into: &events)",
     ""),
    ("a baseline does not alarm", "EventPolicy+Settling.swift",
     "lines[index].isRaised && lines[index].baselineBy == nil",
     "lines[index].isRaised"),
    ("discharge forgets the patient", "EventPolicy+Operators.swift",
     "forgetPatient()\n",
     "\n"),
    ("discharge ends pauses", "EventPolicy+Operators.swift",
     "pauses = Pauses()\n        standby",
     "standby"),
    ("discharge ends standby", "EventPolicy+Operators.swift",
     "standby = nil\n        limits",
     "limits"),
    ("what holds alarms anew after discharge", "EventPolicy+Operators.swift",
     "guard isSending else { return }\n        isUnsettled = true",
     "guard isSending else { return }"),
    ("what never alarms informs once", "EventPolicy+Events.swift",
     "if isAgain { return }",
     ""),
    ("the model is quoted for what has both", "EventPolicy+Model.swift",
     "if voices[voice].note(waiting) { events.append(quotation(of: waiting, at: moment)) }",
     ""),
    ("a quotation stands no earlier than its alarm", "EventPolicy+Model.swift",
     "moment.sample > alarm.began.sample ? moment : alarm.began",
     "moment"),
    ("the model informs of what is not baseline", "EventPolicy+Model.swift",
     "!isBaseline(row, voice, endingAt: moment.sample) else { return }",
     "row >= 0 else { return }"),
    ("the model informs only of what no rule decides", "EventPolicy+Model.swift",
     "guard table.rows[row].isToldByModel, !isBaseline",
     "guard row >= 0, !isBaseline"),
    ("after the end of an alarm nothing is quoted for it", "ModelVoice.swift",
     "&& sample <= alarm.ended ?? .max",
     ""),
    ("a step is taken by time alone", "EventPolicy+Settling.swift",
     "due = min(due ?? step, step)",
     "_ = step"),
    ("what is not seen again ends by time alone", "EventPolicy+Settling.swift",
     "case .unseen: if isAnalysable { due = analysableSince + EventPolicy.seenAgainSamples }",
     "case .unseen: break"),
    ("steps follow each other", "EventPolicy+Settling.swift",
     "lines[index].alarm?.stepsTaken += 1",
     "lines[index].alarm?.stepsTaken = steps.count"),
    ("the end of what informed is remembered", "EventPolicy+Settling.swift",
     "lines[index].wasInformed = false\n            lines[index].lastEnd = clock.now",
     "lines[index].wasInformed = false"),
    ("what informed and is over may inform again", "EventPolicy+Settling.swift",
     "lines[index].wasInformed = false\n            lines[index].lastEnd = clock.now",
     "lines[index].lastEnd = clock.now"),
    ("what gave way and is over begins anew", "EventPolicy+Settling.swift",
     "lines[index].isRaised = false\n        lines[index].wasSuperseded = false",
     "lines[index].isRaised = false"),
    ("what has spoken again is resumed no more", "EventPolicy+Settling.swift",
     "lines[index].wasSuperseded = false\n        lines[index].alarm = alarm",
     "lines[index].alarm = alarm"),
    ("what speaks again is signalled whatever the re-arm time", "EventPolicy+Settling.swift",
     "if !isResumed, row.priority != .high, let last",
     "if row.priority != .high, let last"),
    ("what stands speaks with the priority that it has", "EventPolicy+Settling.swift",
     "line.alarm?.priority ?? table.rows[line.row].priority",
     "table.rows[line.row].priority"),
    ("the number of an alarm counts in one stream", "AlarmLine.swift",
     "if self.stream != stream { self = Counts(stream: stream) }",
     "self.stream = stream"),
    ("the number of an alarm rises", "AlarmLine.swift",
     "numbers[index] += 1",
     "numbers[index] = 1"),
    ("the onset of an alarm is where its finding began", "EventPolicy+Settling.swift",
     "onset: onset,\n            began",
     "onset: moment,\n            began"),
    ("what resumes names the begin of its episode", "EventPolicy+Observations.swift",
     "if !lines[index].isRaised || lines[index].alarm == nil {",
     "if lines[index].row >= 0 {"),
    ("a begin that lies ahead counts from what was judged", "EventPolicy+Observations.swift",
     "let reading = clock.reading(at: min(since, moment.sample))",
     "let reading = clock.reading(at: since)"),
    ("the figure of an alarm is the newest", "EventPolicy+Observations.swift",
     "lines[index].figure = finding.figure\n",
     "\n"),
    ("the leads of an alarm are the newest", "EventPolicy+Observations.swift",
     "lines[index].leads = finding.leads\n",
     "\n"),
    ("beats of a dangerous rhythm end the count", "EventPolicy+Observations.swift",
     "guard isAnalysable, !isDangerous else {\n            beats.restart()",
     "guard isAnalysable, !isDangerous else {"),
    ("beats before a loss do not count", "EventPolicy+Observations.swift",
     "isAnalysable = false\n        beats.restart()",
     "isAnalysable = false"),
    ("what counts in the moment of a loss alarms", "EventPolicy+Observations.swift",
     "settle(into: &events)\n        let wasAnalysable",
     "let wasAnalysable"),
    ("what is not analysable is noted", "EventPolicy+Observations.swift",
     "isAnalysable = false\n        beats",
     "beats"),
    ("unseen counts from the signal's return", "EventPolicy+Observations.swift",
     "analysableSince = clock.now",
     "_ = clock.now"),
    ("standby is over when it has ended", "EventPolicy+Observations.swift",
     "standby = nil\n        signalAgain",
     "signalAgain"),
    ("standby knows that the signal is away already", "EventPolicy+Operators.swift",
     "hasSignalBeenAway: !isAnalysable",
     "hasSignalBeenAway: false"),
    ("standby does not take a signal that is there for one that was away", "EventPolicy+Operators.swift",
     "hasSignalBeenAway: !isAnalysable",
     "hasSignalBeenAway: true"),
    ("a pause ended by hand gives the whole time back", "EventPolicy+Operators.swift",
     "began = audioUntil == nil && alarmUntil == nil ? nil : first",
     "began = first"),
    ("a pause that is over gives the whole time back", "EventPolicy+Operators.swift",
     "if audioUntil == nil, alarmUntil == nil { began = nil }",
     ""),
    ("a pause of sounds pauses sounds", "EventPolicy+Operators.swift",
     "case .audio: audioUntil = until",
     "case .audio: alarmUntil = until"),
    ("a pause of alarms pauses alarms", "EventPolicy+Operators.swift",
     "case .alarm: alarmUntil = until",
     "case .alarm: audioUntil = until"),
    ("a pause lasts as long as was asked", "EventPolicy+Operators.swift",
     "min(asked, most)\n        switch",
     "most\n        switch"),
    ("an acknowledgement comes after what was seen before", "EventPolicy+Operators.swift",
     "settle(into: &events)\n        guard let index = lines.firstIndex(where: { $0.alarm?.identity == identity }),",
     "guard let index = lines.firstIndex(where: { $0.alarm?.identity == identity }),"),
    ("a statement that is not in the catalogue is no baseline", "EventPolicy+Operators.swift",
     "guard let row = table.index(of: statement) else { return .unknown }",
     "guard let row = table.index(of: statement) else { return .refused }"),
    ("taking a baseline back lets it speak at once", "EventPolicy+Operators.swift",
     "isUnsettled = true\n        settle(into: &events)\n        return .done",
     "return .done"),
    ("a discharge lets what never alarms inform anew", "EventPolicy+Operators.swift",
     "lines[index].wasInformed = false\n            lines[index].lastEnd = nil",
     "lines[index].lastEnd = nil"),
    ("a discharge ends re-arm times", "EventPolicy+Operators.swift",
     "lines[index].wasInformed = false\n            lines[index].lastEnd = nil",
     "lines[index].wasInformed = false"),
    ("a discharge lets the model inform anew", "EventPolicy+Operators.swift",
     "voices[voice].isNewFrom = moment.sample + 1",
     "_ = voice"),
    ("a discharge of a silent device leaves nothing", "EventPolicy+Operators.swift",
     "guard isSending else { return }\n        isUnsettled",
     "isUnsettled"),
    ("another policy takes effect at once", "EventPolicy+Operators.swift",
     "self.table = table\n        isUnsettled = true",
     "self.table = table"),
    ("another policy takes effect", "EventPolicy+Operators.swift",
     "self.table = table\n        isUnsettled = true",
     "isUnsettled = true"),
    ("alarms are not paused for a ward", "EventPolicy+Commands.swift",
     "if kind == .alarm, !command.target.isOnePatient, seconds > 0 {",
     "if false {"),
    ("sounds are paused for a ward", "EventPolicy+Commands.swift",
     "if kind == .alarm, !command.target.isOnePatient, seconds > 0 {",
     "if !command.target.isOnePatient, seconds > 0 {"),
    ("a pause of alarms is ended for a ward", "EventPolicy+Commands.swift",
     "if kind == .alarm, !command.target.isOnePatient, seconds > 0 {",
     "if kind == .alarm, !command.target.isOnePatient {"),
    ("an event says who acknowledged", "EventPolicy+Events.swift",
     "by: by ?? alarm.acknowledgedBy",
     "by: by"),
    ("an event says who did it", "EventPolicy+Events.swift",
     "by: by ?? alarm.acknowledgedBy",
     "by: alarm.acknowledgedBy"),
    ("what has ended is inactive", "EventPolicy+Events.swift",
     "state: isOver ? .inactive : alarm.state",
     "state: alarm.state"),
    ("what has ended is not signalled", "EventPolicy+Events.swift",
     "signal: isOver ? .off : signal(of: alarm, row)",
     "signal: signal(of: alarm, row)"),
    ("news are told once", "EventPolicy+Events.swift",
     "lines[index].hasNews = false",
     ""),
    ("what has ended stands no longer", "EventPolicy+Events.swift",
     "lines[index].alarm = nil",
     ""),
    ("what has ended is remembered", "EventPolicy+Events.swift",
     "ended.append(alarm.identity)",
     ""),
    ("the end of an alarm is told to the model's voice", "EventPolicy+Events.swift",
     "for voice in voices.indices { voices[voice].noteEnd(of: alarm.identity, at: moment) }",
     ""),
    ("windows before a baseline do not know of it", "EventPolicy+Model.swift",
     "return isAfter(baseline.from) && !",
     "return !"),
    ("windows before the end of a baseline still know it", "EventPolicy+Model.swift",
     "baseline.isOver && isAfter(baseline.until)",
     "baseline.isOver"),
    ("a baseline that was taken back is over for the model", "EventPolicy+Model.swift",
     "return isAfter(baseline.from) && !(baseline.isOver && isAfter(baseline.until))",
     "return isAfter(baseline.from)"),
    ("a baseline holds in later streams", "EventPolicy+Model.swift",
     ": voice > other",
     ": false"),
    ("the model's word is noted while others speak", "ModelVoice.swift",
     "words[place].windows |= 1",
     "words[place].windows = 1"),
    ("the model informs of what matters", "PolicyTable+Defaults.swift",
     "highest == .info && statement.evidence != .rule && statement.severity > 0",
     "highest == .info && statement.evidence != .rule"),
    ("a supraventricular tachycardia is latched when the signal is lost", "PolicyTable+Defaults.swift",
     "[\"tachycardia\", \"supraventricular_tachycardia\"]",
     "[\"tachycardia\"]"),
    ("a change of ST needs a minute", "PolicyTable+Defaults.swift",
     "statement.family == \"ischaemia\" || statement",
     "statement"),
    ("a suspected infarction needs a minute", "PolicyTable+Defaults.swift",
     "|| statement.family == \"infarction\"\n",
     "\n"),
    ("a long QT needs a minute", "PolicyTable+Defaults.swift",
     "|| statement.id == \"prolonged_qt\"\n",
     "\n"),
    ("a standstill needs 4 s", "PolicyTable+Defaults.swift",
     "case \"asystole\", \"ventricular_fibrillation\": onsetSamples",
     "case \"ventricular_fibrillation\": onsetSamples"),
    ("a fibrillation needs 4 s", "PolicyTable+Defaults.swift",
     "case \"asystole\", \"ventricular_fibrillation\": onsetSamples",
     "case \"asystole\": onsetSamples"),
    ("what is technical is told as technical", "PolicyTable+Defaults.swift",
     "kind: statement.family == \"technical\" ? .technical : .physiological",
     "kind: .physiological"),
    ("only ectopic findings have a re-arm time", "PolicyTable+Defaults.swift",
     "} else if priorityMax == .low, statement.family == \"ectopy\" {",
     "} else if priorityMax == .low {"),
    ("of equally urgent alarms the first stands first", "EventPolicy.swift",
     "one.onset.time < other.onset.time",
     "one.onset.time > other.onset.time"),
    ("a lost stream's alarms are told at its end", "EventPolicy.swift",
     "if let end = clock.moment { lose(at: end, isStreamOver: true, into: &events) }",
     "if let end = clock.moment { lose(at: end, into: &events) }"),
    ("a new stream brings the signal back", "EventPolicy.swift",
     "regain(at: moment, into: &events)\n            isUnsettled = true",
     "isUnsettled = true"),
    ("the wall clock moves no pause", "EventPolicy.swift",
     "pauses.end(at: arrival.monotonic)",
     "pauses.end(at: arrival.utc)"),
    ("ventricular_fibrillation has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"torsades_de_pointes\"], [\"ventricular_tachycardia\"],",
     "[\"torsades_de_pointes\"], [\"ventricular_tachycardia\"],"),
    ("torsades_de_pointes has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"torsades_de_pointes\"], [\"ventricular_tachycardia\"],",
     "[\"ventricular_fibrillation\"], [\"ventricular_tachycardia\"],"),
    ("ventricular_tachycardia has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"torsades_de_pointes\"], [\"ventricular_tachycardia\"],",
     "[\"ventricular_fibrillation\"], [\"torsades_de_pointes\"],"),
    ("extreme_tachycardia has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"extreme_tachycardia\"], [\"supraventricular_tachycardia\"], [\"ventricular_short_run\"],",
     "[\"supraventricular_tachycardia\"], [\"ventricular_short_run\"],"),
    ("supraventricular_tachycardia has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"extreme_tachycardia\"], [\"supraventricular_tachycardia\"], [\"ventricular_short_run\"],",
     "[\"extreme_tachycardia\"], [\"ventricular_short_run\"],"),
    ("ventricular_short_run has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"extreme_tachycardia\"], [\"supraventricular_tachycardia\"], [\"ventricular_short_run\"],",
     "[\"extreme_tachycardia\"], [\"supraventricular_tachycardia\"],"),
    ("accelerated_idioventricular_rhythm has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"accelerated_idioventricular_rhythm\"], [\"idioventricular_rhythm\"], [\"tachycardia\"],",
     "[\"idioventricular_rhythm\"], [\"tachycardia\"],"),
    ("idioventricular_rhythm has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"accelerated_idioventricular_rhythm\"], [\"idioventricular_rhythm\"], [\"tachycardia\"],",
     "[\"accelerated_idioventricular_rhythm\"], [\"tachycardia\"],"),
    ("tachycardia has its place in the fast chain", "PolicyTable+Defaults.swift",
     "[\"accelerated_idioventricular_rhythm\"], [\"idioventricular_rhythm\"], [\"tachycardia\"],",
     "[\"accelerated_idioventricular_rhythm\"], [\"idioventricular_rhythm\"],"),
    ("ventricular_fibrillation has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"asystole\"], [\"extreme_bradycardia\"],",
     "[\"asystole\"], [\"extreme_bradycardia\"],"),
    ("asystole has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"asystole\"], [\"extreme_bradycardia\"],",
     "[\"ventricular_fibrillation\"], [\"extreme_bradycardia\"],"),
    ("extreme_bradycardia has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"ventricular_fibrillation\"], [\"asystole\"], [\"extreme_bradycardia\"],",
     "[\"ventricular_fibrillation\"], [\"asystole\"],"),
    ("pacemaker_failure_to_capture has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"pacemaker_failure_to_capture\", \"pacemaker_failure_to_pace\"], [\"third_degree_av_block\"],",
     "[\"pacemaker_failure_to_pace\"], [\"third_degree_av_block\"],"),
    ("pacemaker_failure_to_pace has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"pacemaker_failure_to_capture\", \"pacemaker_failure_to_pace\"], [\"third_degree_av_block\"],",
     "[\"pacemaker_failure_to_capture\"], [\"third_degree_av_block\"],"),
    ("third_degree_av_block has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"pacemaker_failure_to_capture\", \"pacemaker_failure_to_pace\"], [\"third_degree_av_block\"],",
     "[\"pacemaker_failure_to_capture\", \"pacemaker_failure_to_pace\"],"),
    ("pause has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"pause\"], [\"bradycardia\"], [\"sinus_arrest\"],",
     "[\"bradycardia\"], [\"sinus_arrest\"],"),
    ("bradycardia has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"pause\"], [\"bradycardia\"], [\"sinus_arrest\"],",
     "[\"pause\"], [\"sinus_arrest\"],"),
    ("sinus_arrest has its place in the slow chain", "PolicyTable+Defaults.swift",
     "[\"pause\"], [\"bradycardia\"], [\"sinus_arrest\"],",
     "[\"pause\"], [\"bradycardia\"],"),
    ("a suspected inferior infarction speaks for its wall", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_inferior_infarction\"], [\"st_elevation_inferior\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_inferior_infarction\"], [\"st_elevation\"]],"),
    ("a suspected anterior infarction speaks for its wall", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_anterior_infarction\"], [\"st_elevation_anterior\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_anterior_infarction\"], [\"st_elevation\"]],"),
    ("a suspected anteroseptal infarction speaks for its wall", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_anteroseptal_infarction\"], [\"st_elevation_anterior\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_anteroseptal_infarction\"], [\"st_elevation\"]],"),
    ("a suspected lateral infarction speaks for its wall", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_lateral_infarction\"], [\"st_elevation_lateral\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_lateral_infarction\"], [\"st_elevation\"]],"),
    ("a suspected infarction of no wall speaks for the elevation", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_myocardial_infarction\"], [\"st_elevation\"]],",
     ""),
    ("a suspected inferior infarction speaks for the elevation at large", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_inferior_infarction\"], [\"st_elevation_inferior\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_inferior_infarction\"], [\"st_elevation_inferior\"]],"),
    ("a suspected anterior infarction speaks for the elevation at large", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_anterior_infarction\"], [\"st_elevation_anterior\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_anterior_infarction\"], [\"st_elevation_anterior\"]],"),
    ("a suspected anteroseptal infarction speaks for the elevation at large", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_anteroseptal_infarction\"], [\"st_elevation_anterior\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_anteroseptal_infarction\"], [\"st_elevation_anterior\"]],"),
    ("a suspected lateral infarction speaks for the elevation at large", "PolicyTable+Defaults.swift",
     "[[\"suspected_acute_lateral_infarction\"], [\"st_elevation_lateral\"], [\"st_elevation\"]],",
     "[[\"suspected_acute_lateral_infarction\"], [\"st_elevation_lateral\"]],"),
]

MAIN = """
import Foundation

/// The mutation that is on; 0 where none is.
let mutant = Int(ProcessInfo.processInfo.environment["POLICY_MUTATION"] ?? "") ?? 0

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

RESOURCES = """
import Foundation

struct PackageResources {
    static let labels_tsv = [UInt8](FileManager.default.contents(atPath: "%s") ?? Data())
}
"""


def closing(text, opening):
    """Where the bracket that opens at `opening` closes; strings and comments are passed over."""
    pairs, depth, place = {"{": "}", "(": ")", "[": "]"}, 0, opening
    while place < len(text):
        if text.startswith("//", place):
            place = text.index("\n", place)
        elif text[place] == '"':
            place = text.index('"', place + 1)
        elif text[place] in pairs:
            depth += 1
        elif text[place] in pairs.values():
            depth -= 1
            if depth == 0:
                return place
        place += 1
    raise ValueError("a bracket that never closes")


def body_around(text, place):
    """The body of the outermost function, initialiser or computed property around `place`, and whether it gives a value."""
    for head in re.finditer(r"(?m)^ *(?:@\S+ |public |private |static |mutating )*(func|init|var)\b[^\n=]*?(\(|\{)", text):
        opening = head.end() - 1
        if head[1] != "var":
            opening = text.index("{", closing(text, text.index("(", head.start())))
        end = closing(text, opening) if text[opening] == "{" else -1
        if opening < place < end:
            return opening + 1, end, head[1] == "var" or "->" in text[head.start():opening]
    return None


def switch_body(text, place, variants):
    """The text with a function's body once more for each of the (number, broken text) that it is tried in."""
    start, end, gives = body_around(text, place)
    tail = len(text) - end

    def part(whole):
        body = whole[start:len(whole) - tail]
        lone = gives and not re.search(r"\breturn\b", body)
        return "return " + body.strip() if lone else body
    cases = "".join(f"if mutant == {number} {{ {part(broken)}\n{'' if gives else 'return'} }}\n"
                    for number, broken in variants)
    return text[:start] + "\n" + cases + part(text) + text[end:]


def value_around(text, place):
    """Where the value of the stored property around `place` begins and ends."""
    heads = re.finditer(r"(?m)^ *(?:public |private |static )*(?:let|var) [^\n={]*=", text)
    start = end = [head.end() for head in heads if head.start() < place][-1]
    while text[end] != "\n":
        end = closing(text, end) + 1 if text[end] in "[({" else end + 1
    return start, end


def switch_value(text, place, variants):
    """The text with the value of a stored property chosen by the mutation that is on."""
    start, end = value_around(text, place)
    tail = len(text) - end
    cases = "".join(f"if mutant == {number} {{ return {broken[start:len(broken) - tail].strip()} }}\n"
                    for number, broken in variants)
    return text[:start] + " {\n" + cases + "return " + text[start:end].strip() + "\n}()" + text[end:]


def change_at(change, text, original, place, variants):
    """Changes the original at one place and keeps what was changed behind it."""
    changed = change(original, place, variants)
    same = 0
    while same < len(original) and original[-1 - same] == changed[-1 - same]:
        same += 1
    return changed[:len(changed) - same] + text[len(original) - same:]


def with_all(original, name, mutations):
    """A file of the room with all mutations in it, of which each has a number."""
    groups = {}
    for number, (_, file, piece, instead) in mutations:
        if file == name:
            place = original.index(piece)
            body = body_around(original, place)
            if body and place + len(piece) > body[1]:
                sys.exit(f"a piece of {name} reaches beyond its function: {piece}")
            key = body or value_around(original, place)
            groups.setdefault(key, []).append((place, number, original.replace(piece, instead)))
    text = original
    # The last in the file first, so that the places of the others stay.
    for key, group in sorted(groups.items(), key=lambda one: -one[1][0][0]):
        variants = [(number, broken) for _, number, broken in group]
        text = change_at(switch_body if len(key) == 3 else switch_value, text, original, group[0][0], variants)
    return text


def build(folder, mutations):
    """Builds the program that runs the timelines with the mutation that is on."""
    resources = folder / "Resources.swift"
    resources.write_text(RESOURCES % (ROOT / "Sources/Core/Findings/labels.tsv"))
    for name, more in {"Mathematics": [], "ECGSignal": [], "Findings": [resources]}.items():
        sources = sorted((ROOT / "Sources/Core" / name).glob("*.swift")) + more
        command = ["swiftc", "-Onone", "-parse-as-library", "-swift-version", "6", "-suppress-warnings", "-I", folder,
                   "-module-name", name, "-emit-module", "-emit-module-path", f"{folder}/{name}.swiftmodule",
                   "-emit-library", "-static", "-o", f"{folder}/lib{name}.a", *map(str, sources)]
        subprocess.run(command, check=True)
    sources = []
    for path in sorted(ROOM.glob("*.swift")) + [TESTS / "Timeline.swift", TESTS / "TimelineRun.swift"]:
        text = path.read_text().replace("@testable import Policy\n", "")
        if path.parent == ROOM:
            text = with_all(text, path.name, mutations)
        # One module holds the room and the runner.
        text = re.sub(r"^(public|internal) import ", "import ", text, flags=re.MULTILINE)
        sources.append(folder / path.name)
        sources[-1].write_text(text)
    sources.append(folder / "Runner.swift")
    sources[-1].write_text(MAIN)
    command = ["swiftc", "-Onone", "-wmo", "-parse-as-library", "-swift-version", "6", "-suppress-warnings",
               "-I", folder, "-L", folder, "-o", f"{folder}/runner", *sources, "-lFindings", "-lECGSignal",
               "-lMathematics"]
    subprocess.run(command, check=True)


def failing(folder, number):
    """The timelines that notice the mutation of that number; 0 is none."""
    try:
        run = subprocess.run([f"{folder}/runner", str(TESTS / "Timelines")], capture_output=True, text=True, timeout=30,
                             env={**os.environ, "POLICY_MUTATION": str(number)})
    except subprocess.TimeoutExpired:
        return ["(the run never ended)"]
    return run.stdout.split() if run.returncode == 0 else ["(the run ended early)"]


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
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        numbered = list(enumerate(chosen, 1))
        build(folder, numbered)
        plain = failing(folder, 0)
        if plain != []:
            sys.exit(f"without a mutation these timelines fail already: {plain}")
        rows = []
        for number, mutation in numbered:
            found = failing(folder, number)
            print(f"{len(found):>4}  {mutation[0]}", flush=True)
            rows.append((mutation, found))
    missed = [m[0] for m, found in rows if not found]
    if not wanted and not missed:
        lines = [
            "# What each rule of the alarm policy is worth",
            "",
            "Each rule was broken in the code, one at a time, and all timelines of",
            "[Tests/PolicyTests/Timelines](../Tests/PolicyTests/Timelines) were run: a rule that could be broken unnoticed",
            "would be no rule. `Tools/policy_mutations.py` (Python 3 and the Swift compiler, about two minutes on two cores)",
            "does it, writes this page, and fails where a mutation goes unnoticed or its piece of code is no longer there.",
            "With words as arguments it runs the mutations whose rule has them, and writes nothing.",
            "",
            f"{len(rows)} mutations, each noticed by at least one of "
            f"{len(list((TESTS / 'Timelines').glob('*.txt')))} timelines. Not among them is what lies outside the policy's",
            "room: the limits of the rates and their 5/min of hysteresis, which the rhythm lane's tests hold, what a policy file may",
            "say (`PolicyFileTests`), and what outlives a restart (`MemoryLaws`).",
            "",
            "| rule that was broken | file | timelines that fail | the first of them |",
            "| --- | --- | ---: | --- |",
        ]
        for (rule, name, _, _), found in rows:
            first = ", ".join(f"`{timeline.removesuffix('.txt')}`" for timeline in found[:3])
            more = ", ..." if len(found) > 3 else ""
            lines.append(f"| {rule} | [{name}](../Sources/Core/Policy/{name}) | {len(found)} | {first}{more} |")
        PAGE.write_text("\n".join(lines) + "\n")
    if missed:
        sys.exit("nobody noticed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
