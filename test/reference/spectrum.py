"""Power spectra of binary start-time signals by SciPy. Run: python3 spectrum.py > spectrum.json"""
import json
import numpy as np
import scipy
from scipy.fft import rfft

rng = np.random.default_rng(7)
cases = []
for size in (16, 64, 256):
    signal = (rng.random(size) < 0.2).astype(float)
    power = np.abs(rfft(signal - signal.mean())) ** 2
    cases.append({"signal": signal.tolist(), "power": power.tolist()})
starts = np.cumsum(600 * (1 + 0.2 * (2 * rng.random(60) - 1)))
gaps = np.diff(starts)
step = max(gaps.min() / 4, gaps.sum() / 65535)
samples = int(np.floor(gaps.sum() / step)) + 1
size = 2 ** int(np.ceil(np.log2(samples)))
places = np.concatenate([[0], np.minimum(samples - 1, np.floor(np.cumsum(gaps) / step + 0.5).astype(int))])
signal = np.zeros(size)
signal[:samples] = -len(set(places)) / samples
signal[places] += 1
power = np.abs(rfft(signal)) ** 2
lowest = max(1, int(np.ceil(3 * size / samples)))
peak = lowest + int(np.argmax(power[lowest:]))
train = {"starts": (starts * 1e6).round().tolist(), "frequency": peak / (size * step), "power": float(power[peak])}
print(json.dumps({"scipy": scipy.__version__, "cases": cases, "train": train}))
