public import LinearAlgebra

/// Two views of one ECG that say the same shall have one embedding.
///
///     rows [n, width], each of unit length; rows i and n - pairs + i are two views of one ECG, for i below pairs
///     loss = weight x mean over i of (1 - row i . row n - pairs + i)
public enum AgreementLoss {
    /// The loss and its gradient by the rows, `[n, width]`; of 2 `pairs` rows at least.
    public static func of<Number: Real>(
        _ rows: [Number],
        width: Int,
        pairs: Int,
        weight: Double
    ) -> (loss: Double, gradient: [Number]) {
        precondition(
            width > 0 && pairs > 0 && rows.count.isMultiple(of: width) && rows.count >= 2 * pairs * width
        )
        let count = pairs * width
        let second = rows.count - count
        let share = weight / Double(pairs)
        var loss = weight
        var gradient = [Number](repeating: 0, count: rows.count)
        for index in 0..<count {
            loss -= share * Double(rows[index]) * Double(rows[second + index])
            gradient[index] = Number(-share * Double(rows[second + index]))
            gradient[second + index] = Number(-share * Double(rows[index]))
        }
        return (loss, gradient)
    }
}
