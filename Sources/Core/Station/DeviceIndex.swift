/// Which streams each device has, so that a new stream is compared with its own device's and with no others.
struct DeviceIndex: Sendable {
    private struct Device: Sendable {
        /// Remembered streams, open and closed, in the order of their first opening.
        var known: [Int] = []
        /// Open streams, in the order of their opening.
        var open: [Int] = []
    }

    private var devices: [String: Device] = [:]

    /// A stream of `device` opened, for the first time or again.
    mutating func open(_ slot: Int, of device: String) {
        devices[device, default: Device()].open.append(slot)
        if devices[device]?.known.last != slot, !isKnown(slot, of: device) {
            devices[device]?.known.append(slot)
        }
    }

    /// An open stream of `device` ended; it is still remembered.
    mutating func close(_ slot: Int, of device: String) { devices[device]?.open.removeAll { $0 == slot } }

    /// A closed stream of `device` is not remembered any more.
    mutating func forget(_ slot: Int, of device: String) {
        guard let place = place(of: slot, of: device) else { return }
        devices[device]?.known.remove(at: place)
        if devices[device]?.known.isEmpty == true { devices[device] = nil }
    }

    /// The open streams of `device` that opened before `slot` did.
    func open(before slot: Int, of device: String) -> [Int] {
        devices[device]?.open.filter { $0 < slot } ?? []
    }

    /// The stream of `device` that was the last to open for the first time; nil where none is remembered.
    func newest(of device: String) -> Int? { devices[device]?.known.last }

    private func isKnown(_ slot: Int, of device: String) -> Bool { place(of: slot, of: device) != nil }

    /// Binary search: slots ascend in the order of their first opening.
    private func place(of slot: Int, of device: String) -> Int? {
        guard let known = devices[device]?.known else { return nil }
        var low = 0
        var high = known.count
        while low < high {
            let middle = (low + high) / 2
            if known[middle] < slot { low = middle + 1 } else { high = middle }
        }
        return low < known.count && known[low] == slot ? low : nil
    }
}
