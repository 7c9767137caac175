public import Findings

extension Sender {
    /// Which of `count` workers owns the sender's streams, so that all epochs of a device find the same alarms.
    public func owner(among count: Int) -> Int {
        // FNV-1a of 64 bits over both ids, the same in every run.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in patient.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0x2E) &* 0x100_0000_01B3
        for byte in device.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash ^ hash >> 32) % UInt64(max(1, count)))
    }
}
