/// Values of four leads side by side, which a processor takes at once: the twelve channels are three such fours.
///
/// Each lane is computed as the lead by itself would be, so that no bit depends on its neighbours.
public enum FourLeads {
    /// Fours in the twelve channels.
    public static let count = Lead.channelCount / 4

    /// The greatest magnitude that is taken, microvolts: 100 mV, beyond what an ECG reaches.
    public static let reachMicrovolts: Float = 100_000

    /// The bit of each lane, as a set of leads has it.
    @inlinable @inline(__always) static var bits: SIMD4<Int32> { SIMD4(1, 2, 4, 8) }

    /// Which lanes hold a number.
    @inlinable @inline(__always)
    public static func known(_ values: SIMD4<Float>) -> SIMDMask<SIMD4<Int32>> { values .== values }

    /// `millivolts` in whole microvolts, halves away from zero, at most `reachMicrovolts`; 0 where there is no number.
    @inlinable @inline(__always)
    public static func microvolts(_ millivolts: SIMD4<Float>) -> SIMD4<Int32> {
        var value = millivolts * 1_000
        value.replace(with: 100_000, where: value .> 100_000)
        value.replace(with: -100_000, where: value .< -100_000)
        value.replace(with: 0, where: .!known(value))
        return whole(value)
    }

    /// `values` as whole numbers, halves away from zero; their magnitude is below 4,000,000 and none is missing.
    @inlinable @inline(__always)
    public static func whole(_ values: SIMD4<Float>) -> SIMD4<Int32> {
        // The lanes of a float that lies between 2^23 and 2^24 end with its whole part, so that adding 2^23 rounds.
        let height = magnitude(values) + 0.5
        let near = (height + 0x1p23) - 0x1p23
        let below = near.replacing(with: near - 1, where: near .> height) + 0x1p23
        let bits = SIMD4<Int32>(
            Int32(bitPattern: below[0].bitPattern),
            Int32(bitPattern: below[1].bitPattern),
            Int32(bitPattern: below[2].bitPattern),
            Int32(bitPattern: below[3].bitPattern)
        )
        let number = bits & 0x7f_ffff
        return number.replacing(with: 0 &- number, where: values .< 0)
    }

    /// Each value without its sign.
    @inlinable @inline(__always)
    public static func magnitude(_ values: SIMD4<Float>) -> SIMD4<Float> {
        values.replacing(with: -values, where: values .< 0)
    }

    /// Each number without its sign.
    @inlinable @inline(__always)
    public static func magnitude(_ numbers: SIMD4<Int32>) -> SIMD4<Int32> {
        numbers.replacing(with: 0 &- numbers, where: numbers .< 0)
    }

    /// The set of the lanes of `mask`, of which the first is the channel `4 * four`.
    @inlinable @inline(__always)
    public static func leads(_ mask: SIMDMask<SIMD4<Int32>>, four: Int) -> LeadSet {
        let lanes = SIMD4<Int32>.zero.replacing(with: bits, where: mask).wrappedSum()
        return LeadSet(rawValue: UInt16(truncatingIfNeeded: lanes) << UInt16(4 * four))
    }

    /// The lanes of the leads of a set that stand in a four.
    @inlinable @inline(__always)
    public static func mask(_ leads: LeadSet, four: Int) -> SIMDMask<SIMD4<Int32>> {
        let own = Int32(truncatingIfNeeded: leads.rawValue >> UInt16(4 * four))
        return (SIMD4<Int32>(repeating: own) & bits) .!= 0
    }
}
