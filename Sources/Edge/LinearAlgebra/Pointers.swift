internal import CLearning
private import Foundation

// Safe: the callers have checked that what C reads or writes from `offset` on lies inside the array, which lives through
// the call.

/// Calls `body` with the address of x[offset]; not at all for an empty array.
func reading<Number>(_ x: [Number], _ offset: Int, _ body: (UnsafePointer<Number>) -> Void) {
    unsafe x.withUnsafeBufferPointer { x in
        if let first = x.baseAddress { unsafe body(first + offset) }
    }
}

/// Calls `body` with the address of x[offset], or with nil where there is no array.
func reading<Number>(_ x: [Number]?, _ offset: Int, _ body: (UnsafePointer<Number>?) -> Void) {
    guard let x else { return body(nil) }
    unsafe x.withUnsafeBufferPointer { x in unsafe body(x.baseAddress.map { unsafe $0 + offset }) }
}

/// Calls `body` with the address of x[offset]; not at all for an empty array.
func writing<Number>(_ x: inout [Number], _ offset: Int, _ body: (UnsafeMutablePointer<Number>) -> Void) {
    unsafe x.withUnsafeMutableBufferPointer { x in
        if let first = x.baseAddress { unsafe body(first + offset) }
    }
}

extension AdamStep {
    /// As the C loops take them, the corrections of both means computed.
    var numbers: cl_adam {
        cl_adam(
            rate: rate,
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            decay: decay,
            correction1: 1 - pow(beta1, Double(step)),
            root_correction2: (1 - pow(beta2, Double(step))).squareRoot()
        )
    }
}
