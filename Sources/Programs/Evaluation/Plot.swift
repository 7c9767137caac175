/// Small plots as SVG, drawn with what a page has: no script, no font, no request to anywhere.

/// A plot under way: shapes in page units of one pixel.
struct Plot {
    let width: Double
    let height: Double
    private var shapes: [String] = []

    /// An empty plot.
    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// A straight line; `style` is a class of the page's style sheet.
    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        shapes.append(
            "<line class=\"\(style)\" x1=\"\(at(x1))\" y1=\"\(at(y1))\" x2=\"\(at(x2))\" y2=\"\(at(y2))\"/>"
        )
    }

    /// A filled circle.
    mutating func dot(_ x: Double, _ y: Double, radius: Double, _ style: String) {
        shapes.append("<circle class=\"\(style)\" cx=\"\(at(x))\" cy=\"\(at(y))\" r=\"\(at(radius))\"/>")
    }

    /// A filled rectangle.
    mutating func bar(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String) {
        shapes.append(
            "<rect class=\"\(style)\" x=\"\(at(x))\" y=\"\(at(y))\" width=\"\(at(max(0, width)))\" "
                + "height=\"\(at(max(0, height)))\"/>"
        )
    }

    /// Where a text stands to its point.
    enum Anchor: String {
        case start
        case middle
        case end
    }

    /// A text whose base line begins, lies about or ends at a point.
    mutating func text(
        _ x: Double,
        _ y: Double,
        _ text: String,
        _ anchor: Anchor = .start,
        _ style: String = "t"
    ) {
        shapes.append(
            "<text class=\"\(style)\" x=\"\(at(x))\" y=\"\(at(y))\" text-anchor=\"\(anchor.rawValue)\">"
                + "\(escaped(text))</text>"
        )
    }

    /// The plot as an element of a page; `title` is what a screen reader says.
    func svg(title: String) -> String {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 \(at(width)) \(at(height))\" "
            + "width=\"\(at(width))\" height=\"\(at(height))\"><title>\(escaped(title))</title>"
            + shapes.joined() + "</svg>"
    }

    private func at(_ value: Double) -> String { fixed(value, places: 1) }
}

/// Text as HTML and SVG may hold it.
func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
}
