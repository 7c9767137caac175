/// A matrix inside an array of numbers, row by row; rows may stand apart or, where only read, anywhere.
public struct MatrixPlace: Sendable, Equatable {
    /// Index of the first number.
    public let offset: Int
    /// Numbers from the start of one stored row to the start of the next.
    public let step: Int
    /// Whether the product takes the stored rows as columns.
    public let isTransposed: Bool

    /// The matrix that begins at `offset` and whose rows are `step` apart.
    public init(_ offset: Int = 0, step: Int, isTransposed: Bool = false) {
        self.offset = offset
        self.step = step
        self.isTransposed = isTransposed
    }
}

/// One product c = a b: its sizes and where the three matrices stand.
public struct MatrixProduct: Sendable, Equatable {
    /// Rows of a and c.
    public let rows: Int
    /// Columns of b and c.
    public let columns: Int
    /// Columns of a, rows of b.
    public let inner: Int
    /// `[rows, inner]`, or stored `[inner, rows]` where transposed.
    public let a: MatrixPlace
    /// `[inner, columns]`, or stored `[columns, inner]` where transposed.
    public let b: MatrixPlace
    /// `[rows, columns]`.
    public let c: MatrixPlace
    /// Whether the product is added to what c holds.
    public let accumulates: Bool

    /// The product of those sizes.
    public init(
        rows: Int,
        columns: Int,
        inner: Int,
        a: MatrixPlace,
        b: MatrixPlace,
        c: MatrixPlace,
        accumulates: Bool = false
    ) {
        self.rows = rows
        self.columns = columns
        self.inner = inner
        self.a = a
        self.b = b
        self.c = c
        self.accumulates = accumulates
    }

    /// Traps where a matrix reaches beyond its array or has rows that overlap, which BLAS refuses.
    func check(a aCount: Int, b bCount: Int, c cCount: Int) {
        let largest = Int(Int32.max)
        precondition(
            inner > 0 && rows <= largest && columns <= largest && inner <= largest,
            "sizes of a product"
        )
        func check(_ place: MatrixPlace, _ rows: Int, _ columns: Int, _ count: Int) {
            let (stored, width) = place.isTransposed ? (columns, rows) : (rows, columns)
            precondition(place.step >= width && place.step <= largest, "rows of a matrix overlap")
            precondition(
                place.offset >= 0 && place.offset + (stored - 1) * place.step + width <= count,
                "a matrix outside its array"
            )
        }
        check(a, rows, inner, aCount)
        check(b, inner, columns, bCount)
        precondition(!c.isTransposed, "the result is stored as it is")
        check(c, rows, columns, cCount)
    }
}
