/// An operator's command in a record of the frame log.
///
/// There is no command yet that changes a decision, so nothing stands behind the stamp of such a record, and one that is
/// read comes from a newer program. A command that is added gets its bytes here, both ways.
enum CommandRecord {
    /// Why a record that says it holds a command is refused.
    static func unknown(_ bytes: [UInt8]) -> RecordFormat.Fault {
        RecordFormat.Fault(
            reason:
                "a command of \(bytes.count) bytes, which this program does not know; read it with a newer one"
        )
    }
}
