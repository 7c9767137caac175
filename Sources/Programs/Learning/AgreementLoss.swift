public import LinearAlgebra

/// Two views of one ECG that say the same shall have one embedding.
///
///     rows [2 n, width], each of unit length; rows i and n + i are two views of one ECG
///     loss = weight x mean over i of (1 - row i . row n + i)
public enum AgreementLoss {
    /// The loss and its gradient by the rows, `[2 n, width]`.
    public static func of<Number: Real>(
        _ rows: [Number],
        width: Int,
        weight: Double
    ) -> (loss: Double, gradient: [Number]) {
        precondition(width > 0 && rows.count.isMultiple(of: 2 * width) && !rows.isEmpty)
        let half = rows.count / 2
        let share = weight / Double(half / width)
        var loss = weight
        for index in 0..<half { loss -= share * Double(rows[index]) * Double(rows[half + index]) }
        let gradient = rows.indices.map { Number(-share * Double(rows[($0 + half) % rows.count])) }
        return (loss, gradient)
    }
}
