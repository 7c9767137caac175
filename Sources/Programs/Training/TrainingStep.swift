internal import ECGSignal
internal import Learning
internal import LinearAlgebra

/// One step of a run: which windows, how changed, against which sentences; a function of the options and its number.
struct TrainingStep {
    let options: TrainingOptions
    let set: TrainingSet
    let cache: WindowCache
    let noise: NoiseTracks?
    /// `[sentences, 640]`, English and Japanese.
    let texts: (english: [Float], japanese: [Float])
    /// Sentences that are rhythm statements: all that one frontal direction can show.
    let isRhythm: [Bool]

    /// Windows of a step that stand in it a second time, behind a recorder's filter.
    private var pairs: Int { options.agreement == nil ? 0 : max(1, options.batch / 4) }
    /// Windows of a step that are different ones.
    private var different: Int { options.batch - pairs }
    var stepsPerEpoch: Int { self.set.windows.count / different }
    var steps: Int { stepsPerEpoch * options.epochs }

    func length(ofEpoch epoch: Int) -> Int {
        epoch >= options.epochs - options.wholeEpochs ? Grid.windowSamples : options.cropSamples
    }

    /// The order of an epoch's windows: a shuffle by the seed (Fisher and Yates).
    func order(ofEpoch epoch: Int) -> [Int] {
        var chance = Chance(seed: options.seed, 1, epoch)
        return Array(set.windows.indices).shuffled(using: &chance)
    }

    /// Goes forward and backward and gives the loss; the weights are not changed.
    func run(_ model: ContrastiveModel<Float>, step: Int, order: [Int], team: Team) -> Double {
        let epoch = step / stepsPerEpoch
        let first = step % stepsPerEpoch * different
        // Where views shall agree, the last windows of a step are its first ones again.
        let chosen = Array(order[first..<first + different] + order[first..<first + pairs])
        let length = length(ofEpoch: epoch)
        let network = model.network
        network.prepare(batch: options.batch, samples: length)
        let plans = chosen.indices.map { place in
            var chance = Chance(seed: options.seed, 2, epoch, first + place % different)
            var plan = Augmentation(length: length, hasNoise: noise != nil, &chance)
            guard place % different < pairs else { return plan }
            plan.edgeNoise = nil
            plan.bandEdge = place < different ? nil : UpperBandEdge(&chance)
            return plan
        }
        let inputs = network.inputs
        team.run { part in
            let before = inputs[..<part].reduce(0) { $0 + $1.layout.samples }
            for sample in 0..<inputs[part].layout.samples {
                let place = before + sample
                let rows = plans[place].rows(
                    of: set.windows[chosen[place]],
                    in: cache,
                    length: length,
                    noise: noise
                )
                Float.copy(rows, into: &inputs[part].values, at: inputs[part].range(sample).offset)
            }
        }
        var chance = Chance(seed: options.seed, 3, step)
        let text = chance.happens(0.5) ? texts.english : texts.japanese
        switch options.recipe {
        case .multilabel: return multilabel(model, chosen, plans, text)
        case .paper: return paper(model, chosen, text, &chance)
        }
    }

    private func multilabel(
        _ model: ContrastiveModel<Float>,
        _ chosen: [Int],
        _ plans: [Augmentation],
        _ text: [Float]
    ) -> Double {
        let similarity = model.similarities(with: text)
        var truth: [Float] = []
        var weight: [Float] = []
        for (index, plan) in zip(chosen, plans) {
            truth += set.truth[index]
            weight +=
                plan.isRhythmOnly ? zip(set.weight[index], isRhythm).map { $1 ? $0 : 0 } : set.weight[index]
        }
        let result: SigmoidLoss.Result<Float> = SigmoidLoss.of(
            similarity,
            truth: truth,
            weight: weight,
            scale: model.scale,
            bias: Double(model.bias.values[0]),
            smoothing: 0.01
        )
        guard result.loss.isFinite else { return result.loss }
        var loss = result.loss
        var ofEmbeddings: [Float] = []
        if let weight = options.agreement {
            let agreement = AgreementLoss.of(
                model.embeddings,
                width: model.dimensions,
                pairs: pairs,
                weight: weight
            )
            loss += agreement.loss
            ofEmbeddings = agreement.gradient
        }
        model.backward(result.similarity, embeddings: ofEmbeddings)
        model.addGradients(scale: result.scale, bias: result.bias)
        return loss
    }

    /// One sentence an ECG; windows in which no sentence is true take no part.
    private func paper(
        _ model: ContrastiveModel<Float>,
        _ chosen: [Int],
        _ text: [Float],
        _ chance: inout Chance
    ) -> Double {
        let width = model.textDimensions
        var drawn: [Int?] = []
        var texts: [Float] = []
        for index in chosen {
            let sentences = set.truth[index].indices.filter {
                set.truth[index][$0] > 0 && set.weight[index][$0] > 0
            }
            let sentence = sentences.randomElement(using: &chance)
            drawn.append(sentence)
            let row = sentence ?? 0
            texts += text[row * width..<(row + 1) * width]
        }
        let similarity = model.similarities(with: texts)
        let taking = drawn.indices.filter { drawn[$0] != nil }
        let count = taking.count
        guard count > 1 else { return 0 }
        var values: [Float] = []
        var isAllowed: [Bool] = []
        for i in taking {
            for j in taking {
                values.append(similarity[i * chosen.count + j])
                let sentence = drawn[j] ?? 0
                let index = chosen[i]
                isAllowed.append(set.truth[index][sentence] == 0 && set.weight[index][sentence] > 0)
            }
        }
        let (loss, gradient) = ContrastiveLoss.of(
            values,
            isAllowed: isAllowed,
            count: count,
            temperature: 0.07
        )
        guard loss.isFinite else { return loss }
        var whole = [Float](repeating: 0, count: similarity.count)
        for (a, i) in taking.enumerated() {
            for (b, j) in taking.enumerated() { whole[i * chosen.count + j] = gradient[a * count + b] }
        }
        model.backward(whole)
        return loss
    }
}
