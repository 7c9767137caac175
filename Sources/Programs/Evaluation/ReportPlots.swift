/// The plots of the HTML report.
internal import Findings
internal import Metrics

extension EvaluationFigures {
    /// AUROC of each statement with at least 10 cases, with its interval, the commonest families together.
    var areaPlot: String {
        let rows = labels.filter { $0.cases >= 10 && $0.area.both != nil }
        let (left, top, step, span) = (330.0, 34.0, 17.0, 420.0)
        var plot = Plot(width: left + span + 60, height: top + step * Double(rows.count) + 30)
        let x: (Double) -> Double = { left + (max(0.4, $0) - 0.4) / 0.6 * span }
        let bottom = top + step * Double(rows.count)
        for tick in [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0] {
            plot.line(x(tick), top - 6, x(tick), bottom, tick == 0.5 ? "chance" : "grid")
            plot.text(x(tick), top - 12, fixed(tick, places: 1), .middle)
        }
        for (index, label) in rows.enumerated() {
            let y = top + step * (Double(index) + 0.5)
            plot.text(left - 10, y + 4, "\(label.statement.english) (\(label.cases))", .end)
            if let interval = label.interval {
                plot.line(x(interval.lower), y, x(interval.upper), y, "interval")
            }
            if let area = label.area.english { plot.dot(x(area), y, radius: 2.5, "english") }
            if let area = label.area.japanese { plot.dot(x(area), y, radius: 2.5, "japanese") }
            if let area = label.area.both { plot.dot(x(area), y, radius: 4, "both") }
        }
        plot.dot(left, bottom + 18, radius: 4, "both")
        plot.text(left + 8, bottom + 22, "both banks, with 95 % interval")
        plot.dot(left + 220, bottom + 18, radius: 2.5, "english")
        plot.text(left + 228, bottom + 22, "English")
        plot.dot(left + 300, bottom + 18, radius: 2.5, "japanese")
        plot.text(left + 308, bottom + 22, "Japanese")
        return plot.svg(title: "AUROC of each statement")
    }

    /// What was true at each probability, beside the diagonal; below, how many pairs each bin has.
    var reliabilityPlot: String {
        let (left, top, size) = (60.0, 20.0, 320.0)
        var plot = Plot(width: left + size + 40, height: top + size + 120)
        let x: (Double) -> Double = { left + $0 * size }
        let y: (Double) -> Double = { top + (1 - $0) * size }
        for tick in stride(from: 0.0, through: 1.0, by: 0.25) {
            plot.line(x(tick), top, x(tick), top + size, "grid")
            plot.line(left, y(tick), left + size, y(tick), "grid")
            plot.text(x(tick), top + size + 16, fixed(tick, places: 2), .middle)
            plot.text(left - 8, y(tick) + 4, fixed(tick, places: 2), .end)
        }
        plot.line(x(0), y(0), x(1), y(1), "chance")
        let filled = reliability.compactMap(\.self)
        for (before, after) in zip(filled, filled.dropFirst()) {
            plot.line(
                x(before.meanProbability),
                y(before.shareTrue),
                x(after.meanProbability),
                y(after.shareTrue),
                "curve"
            )
        }
        for bin in filled { plot.dot(x(bin.meanProbability), y(bin.shareTrue), radius: 4, "both") }
        let greatest = Double(filled.map(\.count).max() ?? 1)
        for (place, bin) in reliability.enumerated() {
            guard let bin else { continue }
            let width = size / Double(reliability.count)
            let height = 50 * Double(bin.count) / greatest
            plot.bar(left + width * Double(place) + 2, top + size + 90 - height, width - 4, height, "bar")
        }
        plot.text(left + size / 2, top + size + 34, "said probability", .middle)
        plot.text(left, top - 6, "share true")
        plot.text(left, top + size + 106, "pairs a bin; the fullest has \(Int(greatest))")
        return plot.svg(title: "Reliability diagram")
    }

    /// Macro AUROC from twelve leads down to one.
    var leadPlot: String {
        bars(
            leadSets.map { ($0.name, $0.macroArea.both) },
            title: "Macro AUROC by leads",
            from: 0.5
        )
    }

    /// Any-of top-1 of the model and of the floors.
    var floorPlot: String {
        bars(
            [("this model", anyOf?.top1)] + floors.map { ($0.name, $0.anyOf?.top1) },
            title: "Any-of top-1 without sinus rhythm and normal",
            from: 0
        )
    }

    private func bars(_ rows: [(name: String, value: Double?)], title: String, from low: Double) -> String {
        let (left, top, step, span) = (130.0, 30.0, 24.0, 320.0)
        var plot = Plot(width: left + span + 70, height: top + step * Double(rows.count) + 12)
        plot.text(0, 14, title, .start, "title")
        for (index, row) in rows.enumerated() {
            let y = top + step * Double(index)
            plot.text(left - 8, y + 15, row.name, .end)
            guard let value = row.value else { continue }
            plot.bar(
                left,
                y + 3,
                span * max(0, value - low) / (1 - low),
                step - 7,
                index == 0 ? "first" : "bar"
            )
            plot.text(left + span * max(0, value - low) / (1 - low) + 6, y + 15, fixed(value, places: 3))
        }
        plot.line(left, top, left, top + step * Double(rows.count), "axis")
        return plot.svg(title: title)
    }
}
