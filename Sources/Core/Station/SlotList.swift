/// Slots in the order in which they were put in; putting in, asking and taking out cost the same however many there are.
///
/// A slot that is taken out leaves an empty place, and the places are closed up once half of them are empty, so a
/// thousand streams that open and close one after the other never cost a thousand times a thousand steps.
struct SlotList: Sendable {
    private var places: [Int?] = []
    private var placeOfSlot: [Int: Int] = [:]

    /// The number of slots.
    var count: Int { placeOfSlot.count }

    /// The slots in their order.
    var slots: [Int] { places.compactMap { $0 } }

    /// The slot that was put in first; nil where there is none.
    var first: Int? { places.lazy.compactMap { $0 }.first }

    /// Whether `slot` is in.
    func contains(_ slot: Int) -> Bool { placeOfSlot[slot] != nil }

    /// Puts `slot` in at the end; one that is in already stays where it is.
    mutating func append(_ slot: Int) {
        guard placeOfSlot[slot] == nil else { return }
        placeOfSlot[slot] = places.count
        places.append(slot)
    }

    /// Takes `slot` out, if it is in.
    mutating func remove(_ slot: Int) {
        guard let place = placeOfSlot.removeValue(forKey: slot) else { return }
        places[place] = nil
        guard places.count > 2 * placeOfSlot.count + 8 else { return }
        places.removeAll { $0 == nil }
        for (place, slot) in places.enumerated() { if let slot { placeOfSlot[slot] = place } }
    }
}
