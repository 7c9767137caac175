internal import Foundation

/// Loss and validation by epoch as one SVG picture.
enum Curves {
    static func svg(losses: [Double], validation: [ValidationFigures]) -> String {
        let (width, height) = (640, 420)
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"\(width)\" height=\"\(height)\" fill=\"white\"/>",
        ]
        parts += panel("loss", [("training", losses, "#1f77b4")], top: 20)
        parts += panel(
            "AUROC on the validation fold",
            [
                ("statements", validation.map(\.macro), "#2ca02c"),
                ("benchmark's wordings", validation.compactMap(\.benchmark), "#d62728"),
            ],
            top: 220
        )
        return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// 160 pixels high from `top`; each series over epochs 1, 2, ...
    private static func panel(_ title: String, _ series: [(String, [Double], String)], top: Int) -> [String] {
        let values = series.flatMap(\.1)
        guard let least = values.min(), let greatest = values.max() else { return [] }
        let span = max(greatest - least, 1e-9)
        let longest = series.map(\.1.count).max() ?? 1
        var parts = ["<text x=\"60\" y=\"\(top)\">\(title)</text>"]
        parts.append(
            "<rect x=\"60\" y=\"\(top + 8)\" width=\"560\" height=\"150\" fill=\"none\" stroke=\"#999\"/>"
        )
        parts.append("<text x=\"4\" y=\"\(top + 18)\">\(String(format: "%.4f", greatest))</text>")
        parts.append("<text x=\"4\" y=\"\(top + 158)\">\(String(format: "%.4f", least))</text>")
        for (number, (name, points, colour)) in series.enumerated() where !points.isEmpty {
            let places = points.enumerated().map { index, value in
                let x = 60 + 560 * Double(index + 1) / Double(longest + 1)
                let y = Double(top) + 158 - 150 * (value - least) / span
                return String(format: "%.1f,%.1f", x, y)
            }
            parts.append(
                "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour)\" "
                    + "stroke-width=\"2\"/>"
            )
            parts.append("<text x=\"\(240 + 160 * number)\" y=\"\(top)\" fill=\"\(colour)\">\(name)</text>")
        }
        return parts
    }
}
