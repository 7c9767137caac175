import ECGSignal
internal import Mathematics

/// From 143 rows of features to one embedding: mean and attention-weighted mean, projection, unit length.
extension EncoderWorkspace {
    /// The embedding of the positions that `state` holds; zeros where the signal was too large for Float.
    func embedding(of state: EncoderState, weights: EncoderWeights, form: KernelForm) -> Embedding {
        let dimensions = network.architecture.embedding
        guard poolFeatures(of: state, form: form) else {
            return Embedding(values: Array(repeating: 0, count: dimensions))
        }
        let first = weights.projection.inputs
        rows.removeAll()
        rows.input.append(0)
        rows.output.append(first)
        Kernels.apply(weights.projection, isRectified: false, rows: rows, memory: &pool)
        var square = 0.0
        for index in 0..<dimensions { square += Double(pool[first + index]) * Double(pool[first + index]) }
        let norm = square.squareRoot()
        guard norm.isFinite, norm > 0 else {
            return Embedding(values: Array(repeating: 0, count: dimensions))
        }
        return Embedding(values: (0..<dimensions).map { Float(Double(pool[first + $0]) / norm) })
    }

    /// Fills the first part of `pool` with [mean, attention-weighted mean]; false where a score is not
    /// finite.
    func poolFeatures(of state: EncoderState, form: KernelForm) -> Bool {
        let rowLength = network.tensors[network.tensors.count - 1].rowLength
        let end = state.ends[state.ends.count - 1]
        poolRows.removeAll(keepingCapacity: true)
        for position in end - Architecture.positions..<end {
            poolRows.append(position % Architecture.positions * rowLength)
        }
        guard weighPositions(of: state, rowLength: rowLength) else { return false }
        Kernels.weightedSum(
            weights: ones,
            rows: poolRows,
            memory: state.features,
            form: form,
            into: &pool,
            at: 0,
            channels: rowLength
        )
        for channel in 0..<rowLength { pool[channel] /= Float(Architecture.positions) }
        Kernels.weightedSum(
            weights: poolWeights,
            rows: poolRows,
            memory: state.features,
            form: form,
            into: &pool,
            at: rowLength,
            channels: rowLength
        )
        return true
    }

    /// The softmax of the scores, in Double and in the order of the positions.
    private func weighPositions(of state: EncoderState, rowLength: Int) -> Bool {
        var greatest = -Float.infinity
        for row in poolRows {
            let score = state.scores[row / rowLength]
            guard score.isFinite else { return false }
            greatest = max(greatest, score)
        }
        var sum = 0.0
        for row in poolRows {
            sum += ElementaryFunctions.exp(Double(state.scores[row / rowLength]) - Double(greatest))
        }
        for (index, row) in poolRows.enumerated() {
            let score = Double(state.scores[row / rowLength]) - Double(greatest)
            poolWeights[index] = Float(ElementaryFunctions.exp(score) / sum)
        }
        return true
    }
}
