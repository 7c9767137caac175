/// The endpoints at which the daemon and its peers meet unless others are configured: ports of loopback.
public enum DefaultEndpoints {
    /// Where the daemon binds the SUB that gateways connect to.
    public static let frames = "tcp://127.0.0.1:7201"
    /// Where gateways with acknowledgements send, once the daemon was given it by `--ingest`.
    public static let ingest = "tcp://127.0.0.1:7205"
    /// Where the daemon binds the XPUB that readers of events connect to.
    public static let events = "tcp://127.0.0.1:7202"
    /// Where the daemon binds the ROUTER that answers HELLO, STATUS, STREAMS and LABELS.
    public static let control = "tcp://127.0.0.1:7203"
}
