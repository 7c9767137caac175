import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// What each release has left, in Fixtures/releases, is read by this program; docs/UPGRADES.md says what is kept there.
@Suite struct ReleaseTests {
    private static let folder = Repository.fixtures + "/releases"
    static let releases = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

    private func expected(_ release: String) throws -> JSONObject {
        let data = try Data(contentsOf: URL(filePath: "\(Self.folder)/\(release)/expected.json"))
        return try #require(try JSONValue(parsing: Array(data), byteCountMax: data.count).object)
    }

    private func texts(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.text) ?? [] }

    @Test func `P26 the release that is being made has left something too`() {
        #expect(!Self.releases.isEmpty)
    }

    @Test(arguments: releases) func `P26 a daemon goes on from the state that a release left`(
        _ release: String
    ) throws {
        let expected = try expected(release)
        let scratch = try Scratch()
        defer { scratch.end() }
        for part in ["log", "journal"] {
            try FileManager.default.createDirectory(
                atPath: scratch.at("state"),
                withIntermediateDirectories: true
            )
            try FileManager.default.copyItem(
                atPath: "\(Self.folder)/\(release)/\(part)",
                toPath: scratch.at("state/\(part)")
            )
        }
        // They are older than a daemon keeps things by default.
        let daemon = try LiveDaemon([
            "--state", scratch.at("state"), "--ingest", "ipc://" + scratch.at("ingest"), "--record-hours",
            "87600", "--journal-hours", "87600",
        ])
        defer { daemon.end() }
        let asker = try Asker(daemon)
        let pages = try asker.snapshot()
        func members(_ name: String, _ wanted: [String]) -> [String] {
            pages.flatMap { $0[name]?.array ?? [] }.compactMap(\.object).map { object in
                JSONValue.object(JSONObject(wanted.map { ($0, object[$0] ?? .null) })).canonicalText
            }
        }
        #expect(
            members("alarms", ["alarm_id", "statement"]) == expected["alarms"]?.array?.map(\.canonicalText)
        )
        #expect(
            members("settings", ["baseline", "device", "limits", "patient"])
                == expected["settings"]?.array?.map(\.canonicalText)
        )
        let kept = texts(expected["journal"])
        #expect(!kept.isEmpty)
        #expect(try asker.history().events.compactMap { $0["id"]?.text }.starts(with: kept))
        expectToGoOn(texts(expected["open"]), daemon, asker, isNewest: release == Self.releases.last)
        // It knows the chunks that it acknowledged, so none is asked for again.
        let epoch = UInt64(expected["epoch"]?.whole ?? 0)
        let chunks = UInt64(expected["chunks"]?.whole ?? 0)
        let gateway = try AcknowledgedPeer(try #require(daemon.ingest))
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: epoch)
        guard case .welcome(let words)? = try gateway.greet(stream, next: chunks + 1) else {
            throw Missing(description: "no welcome")
        }
        #expect(chunks > 100 && words.resendFrom == chunks + 1)
        #expect(daemon.stop() == 0)
    }

    /// The streams that were open go on from their checkpoints, or, of an older release, it is said why not.
    private func expectToGoOn(_ open: [String], _ daemon: LiveDaemon, _ asker: Asker, isNewest: Bool) {
        let words = "\(open.count) of \(open.count) streams go on from checkpoints"
        let goesOn = eventually { daemon.program.words.contains { $0.contains(words) } }
        guard goesOn || isNewest else {
            #expect(daemon.program.words.contains { $0.contains("joined under way: \(open.count) streams") })
            return
        }
        #expect(goesOn && !open.isEmpty)
        let areThere = eventually {
            let streams = ((try? asker.streams()) ?? []).filter {
                $0["state"]?.text != "closed" && $0["window"]?.whole != nil
            }
            return streams.compactMap { $0["stream"]?.text } == open
        }
        #expect(areThere)
    }

    @Test(arguments: releases)
    func `P26 the logs of a release are read whole, and give the windows that they gave`(
        _ release: String
    ) throws {
        let logs = try #require(try expected(release)["logs"]?.object?.members)
        #expect(logs.count > 1)
        for (name, facts) in logs.map({ ($0.name, $0.value.object ?? [:]) }) {
            let path = "\(Self.folder)/\(release)/log/\(name)"
            let page = try Program.run(["inspect", path, "--json"])
            let found = try #require(try JSONValue(parsing: Array(page.lines.joined().utf8)).object)
            #expect(page.code == 0 && found["damage"] == .null)
            #expect(found["entries"] == facts["entries"] && (found["entries"]?.whole ?? 0) > 1)
            let (code, lines, words) = try Program.run([
                "classify", path, "--events", "--quiet", "--model", Repository.defaultModel,
            ])
            // With another model than the release's own the log is refused by the name of that; the newest release's is the one
            // at hand, so that windows are compared.
            if code == 78, words.contains("recorded with the model"), release != Self.releases.last {
                continue
            }
            #expect(code == 0, "\(words)")
            // Rules may have become others, so that alarms are; each window is still there, under its id.
            let diagnoses = lines.filter { $0.contains("shinden.diagnosis.v1") }
            let ids = diagnoses.compactMap {
                try? JSONValue(parsing: Array($0.utf8)).object?["id"]?.text
            }
            #expect(ids.sorted() == texts(facts["diagnoses"]))
        }
    }
}
