/// A value as one of the type that it has, where generic code has found out which that is.
///
/// Two types that are not one are a mistake of the caller, and end the program.
@inline(__always)
func same<Value, Known>(_ value: Value, as type: Known.Type) -> Known {
    precondition(Value.self == Known.self, "a value of one type was taken for one of another")
    // Safe: the two types are one, as was just asked, so the bits are those of a value of that type. A cast by `as!` would say
    // the same through the runtime, once for each of the thousands of numbers of a checkpoint.
    return unsafe unsafeBitCast(value, to: type)
}
