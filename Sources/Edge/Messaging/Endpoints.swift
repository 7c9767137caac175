/// Where the daemon and its peers meet when nothing else is said: loopback, three ports.
public enum DefaultEndpoints {
    /// The daemon's bound SUB; gateways connect.
    public static let frames = "tcp://127.0.0.1:7201"
    /// The daemon's XPUB; dashboards connect.
    public static let events = "tcp://127.0.0.1:7202"
    /// The daemon's ROUTER: HELLO, STATUS, STREAMS, LABELS.
    public static let control = "tcp://127.0.0.1:7203"
}
