"""What SciPy makes of one signal in the encoder's band; EncoderBandTests compares with it.

    pip install numpy scipy
    python Tests/ConditioningTests/golden/encoder_band.py > Tests/ConditioningTests/golden/encoder_band.txt

One line a sample: input in microvolts, output in millivolts. The input starts far from 0, holds noise, a slow wave and
a step, and ends in a constant.
"""
import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi

generator = np.random.default_rng(11)
time = np.arange(1500) / 500
x = 1300 + 400 * np.sin(2 * np.pi * 1.3 * time) + generator.normal(0, 200, time.size)
x[700:] -= 2500
x[1300:] = -800
microvolts = np.round(x)
y = (microvolts.astype(np.float32) / np.float32(1000)).astype(float)
for sos in (butter(2, 0.5, "high", fs=500, output="sos"), butter(4, 40, "low", fs=500, output="sos")):
    y, _ = sosfilt(sos, y, zi=sosfilt_zi(sos) * y[0])
for a, b in zip(microvolts, y):
    print(int(a), f"{b:.9f}")
