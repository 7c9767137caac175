/// What every windowed-sinc filter is made of; Oppenheim and Schafer, 3rd edition, section 7.5.
public enum WindowedSinc {
    /// sin(pi x) / (pi x).
    public static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : ElementaryFunctions.sinPi(x) / (Double.pi * x)
    }

    /// The Kaiser window at -1 to 1, without its constant factor; 0 outside.
    public static func kaiser(_ x: Double, beta: Double) -> Double {
        abs(x) < 1 ? besselI0(beta * (1 - x * x).squareRoot()) : 0
    }

    /// The modified Bessel function of order 0 by its power series; all terms are positive.
    private static func besselI0(_ x: Double) -> Double {
        let quarterSquare = x * x / 4
        var term = 1.0
        var sum = 1.0
        var k = 1.0
        while term > sum * 0x1p-60 {
            term *= quarterSquare / (k * k)
            sum += term
            k += 1
        }
        return sum
    }
}
