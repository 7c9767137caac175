private import Access
internal import Dashboard
private import Diagnosis
private import Foundation
internal import Journal
internal import KeyFolder
internal import Machine
internal import ModelFolder
internal import Service
private import Wire
private import ZeroMQ

/// The files and folders that `serve` reads and writes.
enum FileExamination {
    /// Whether the model can be run, its files being those whose hashes it states.
    static func model(_ folder: String) -> Finding {
        do {
            let loaded = try ModelFolder.load(folder)
            _ = try loaded.runnable()
            return .pass(
                "model",
                "\(folder): \(loaded.name) \(loaded.revision), its hashes hold; "
                    + "\(loaded.ranker.rankedIDs.count) statements are ranked"
            )
        } catch {
            return .fail(
                "model",
                of: error,
                otherwise: "give --model DIR; shinden model verify DIR tells more"
            )
        }
    }

    /// Whether the policy can be taken.
    static func policy(_ settings: Configuration) -> Finding {
        guard !settings.policy.isEmpty else { return .pass("policy", "the defaults; --policy names none") }
        do throws(Configuration.Refused) {
            if let warning = try settings.checkPolicy() {
                return .warn("policy", of: warning)
            }
            return .pass("policy", "\(settings.policy) can be taken")
        } catch {
            return .fail(
                "policy",
                of: error,
                otherwise: "give a file as docs/ALARMS.md has it, or none for the defaults"
            )
        }
    }

    /// Whether the daemon finds its own key, and who may come in.
    static func keys(_ path: String) -> Finding {
        guard !path.isEmpty else {
            return .pass("keys", "no keys are asked for, so only this machine is served")
        }
        let folder = KeyFolder(path)
        do throws(KeyFolderError) {
            let pair = try folder.daemonPair()
            let valid = try folder.authorised().table.keys.filter { $0.revoked == nil }
            let (senders, readers) = (
                valid.count { $0.publish != nil }, valid.count { $0.readsAnything }
            )
            let words =
                "\(path): the daemon's fingerprint is \(Fingerprint(of: pair.publicKey)); "
                + "\(valid.count) keys may come in, \(senders) to send, \(readers) to read"
            let remedy = "authorise one: shinden keys authorise NAME KEY --keys \(path) --role"
            if senders == 0 { return .warn("keys", words, "\(remedy) gateway") }
            return readers == 0 ? .warn("keys", words, "\(remedy) dashboard") : .pass("keys", words)
        } catch {
            return .fail("keys", of: error, otherwise: "shinden keys list --keys \(path) tells more")
        }
    }

    /// Whether the folder of the frame log can be written, and what it holds before it is full.
    static func record(_ settings: Configuration) -> Finding {
        let folder = settings.state.isEmpty ? settings.record : settings.state
        guard !folder.isEmpty else { return .pass("record", "nothing is recorded") }
        let free: Int
        do throws(FolderTrial.Failure) { free = try FolderTrial.freeBytes(in: folder) } catch {
            let remedy =
                "make it writable for the daemon's user, give it room, or name another by --record or --state"
            switch error {
            case .noFolder(let path): return .fail("record", "\(path) is no folder", remedy)
            case .refused(let path, let number):
                return .fail("record", "\(path) cannot be written (errno \(number))", remedy)
            }
        }
        guard !settings.isLogFolderInUse else {
            return .fail(
                "record",
                "\(folder): another daemon writes there now",
                "stop it, or give each daemon a folder of its own by --record or --state"
            )
        }
        let million = 1_000_000
        let wanted = settings.recordBytesMax
        let words = "\(folder): \(free / million) MB are free, and the log may take \(wanted / million) MB"
        guard free >= recordBytesLeast else {
            return .fail(
                "record",
                words + "; it needs \(recordBytesLeast / million) MB to go on",
                "give the disk room, or name a folder on another by --record or --state"
            )
        }
        return free < wanted
            ? .warn(
                "record",
                words,
                "give a smaller --record-bytes-max, or more disk; what an earlier run left there is used again"
            )
            : .pass("record", words)
    }

    /// Whether the journal of events can be read, and goes on where it is.
    static func journal(_ folder: String) -> Finding {
        let subject = "journal"
        guard !folder.isEmpty else { return .pass(subject, "no events are kept") }
        let kind = try? FileManager.default.attributesOfItem(atPath: folder)[.type] as? FileAttributeType
        guard kind == nil || kind == .typeDirectory || kind == .typeSymbolicLink else {
            return .warn(subject, "\(folder) is no folder, so no event would be kept", "move it away")
        }
        do throws(JournalError) {
            guard let newest = try JournalReader.newest(in: folder) else {
                return .pass(subject, "\(folder): begins with the first run")
            }
            return .pass(subject, "\(folder): goes on after event \(newest.sequence)")
        } catch {
            switch error.kind {
            case .foreign: return .fail(subject, of: error, otherwise: "move it away")
            case .damaged:
                let remedy =
                    "serve sets it aside and begins another; restore a backup before, if one is at hand"
                return .warn(subject, "\(error)", remedy)
            case .inputOutput:
                return .warn(subject, "\(error)", "no event is kept until the daemon's user can write it")
            }
        }
    }

    /// Two parts of a log: the older one goes once the newer is begun.
    private static let recordBytesLeast = 128_000_000

    /// Whether people can log in at the dashboard.
    static func users(_ path: String) -> Finding {
        do throws(UserFile.Failure) {
            let count = try UserFile(reading: path).names.count
            let words = "\(path): \(count) may log in at the dashboard"
            return count > 0
                ? .pass("users", words)
                : .warn("users", words, "add one: shinden dashboard users add NAME --users \(path)")
        } catch {
            return .fail("users", of: error, otherwise: "give the dashboard's file of users by --users")
        }
    }
}
