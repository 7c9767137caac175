private import Machine
public import Service
internal import ZeroMQ

/// Everything that `serve` rests on, looked at before it is started.
///
/// It takes the configuration that `serve` would run with. Sockets are opened and closed again, folders are written into and
/// left as they were; nothing is served, and no daemon that runs is asked.
public struct Examination {
    /// The configuration that `serve` would have; what refused it, where something did.
    private let configuration: Result<Configuration, Configuration.Refused>
    /// The file of those who may log in at the dashboard; nil where none is named.
    private let users: String?

    /// An examination of that configuration and that file of users.
    public init(_ configuration: Result<Configuration, Configuration.Refused>, users: String?) {
        self.configuration = configuration
        self.users = users
    }

    /// What was found, the machine first, in the order in which things depend on each other.
    public func findings() -> [Finding] {
        let machine = [
            MachineExamination.processor(.here), MachineExamination.libraries(),
            MachineExamination.openBLAS(), MachineExamination.clock(.now),
        ]
        let files = users.map { [FileExamination.users($0)] } ?? []
        switch configuration {
        case .failure(let refused):
            let what = "mend it; shinden serve --help lists every key with its values"
            return machine + [.fail("configuration", of: refused, otherwise: what)] + files
        case .success(let settings):
            return machine + [
                MachineExamination.openFiles(OpenFiles.now, needed: settings.openFilesMax),
                MachineExamination.memory(MemoryNeed(settings), .now),
                .pass("configuration", "every key holds a value that it may have"),
                FileExamination.model(settings.model), FileExamination.policy(settings),
                FileExamination.keys(settings.keys), FileExamination.record(settings),
                FileExamination.journal(settings.journalFolder),
            ] + EndpointExamination.findings(settings) + files
        }
    }
}
