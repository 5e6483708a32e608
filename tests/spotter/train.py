"""Train the spotter: python tests/spotter/train.py OUT.npz [--all]

Needs torch and scipy, flite and espeak-ng, and the recordings in ../shared/audio/train. One thread, about
fifteen minutes. Without ``--all`` a fifth of the speakers is kept aside and measured every now and then; that
is how thresholds are found. With it the same is trained on every speaker. The weights that ship
are of a run without it.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from scipy.signal import lfilter
from sounds import AUDIO, RATE, REAL_WORDS, Clip, read, real_clips, synthetic_clips
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[2]))
from companion.asr import spotter

CLASSES = (*REAL_WORDS, "speech", "noise")
SPEECH, NOISE = len(REAL_WORDS), len(REAL_WORDS) + 1
WIDTHS = (32, 40, 56, 80)
STEPS, BATCH = 5000, 128
WINDOW = spotter.WINDOW


class Network(nn.Module):
    """Convolutions over time with shortcuts, after TC-ResNet (Choi et al., 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self._conv(spotter.BANDS, WIDTHS[0], 5)
        steps = list(pairwise(WIDTHS))
        self.a = nn.ModuleList(self._conv(i, o, 9, 2) for i, o in steps)
        self.b = nn.ModuleList(self._conv(o, o, 9) for _, o in steps)
        self.skip = nn.ModuleList(self._conv(i, o, 1, 2) for i, o in steps)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(WIDTHS[-1], len(CLASSES))

    @staticmethod
    def _conv(inputs: int, outputs: int, width: int, stride: int = 1) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv1d(inputs, outputs, width, stride, width // 2, bias=False), nn.BatchNorm1d(outputs)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x).relu()
        for a, b, skip in zip(self.a, self.b, self.skip, strict=True):
            x = (b(a(x).relu()) + skip(x)).relu()
        return self.out(self.drop(x.mean(2)))


def features(x: torch.Tensor) -> torch.Tensor:
    """``spotter.features`` for a batch of windows in ±1, shape (batch, samples)."""
    frames = x.unfold(1, spotter.FRAME, spotter.HOP) * torch.from_numpy(np.hanning(spotter.FRAME)).float()
    power = torch.fft.rfft(frames, spotter.FFT).abs() ** 2
    logs = (power @ torch.from_numpy(spotter.mel_bands().T) + spotter.FLOOR).log().transpose(1, 2)
    return logs - logs.mean((1, 2), keepdim=True)


def spoken(pcm: np.ndarray) -> tuple[int, int]:
    """First and last sample of the part that holds nearly all of the energy."""
    power = np.convolve(pcm.astype(np.float64) ** 2, np.ones(400) / 400, "same")
    loud = np.nonzero(power > max(power.max() * 0.003, np.quantile(power, 0.1) * 4))[0]
    return (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(pcm))


class Mixer:
    """Makes training windows: a clip somewhere in a second, another voice height, a room, noise, a level."""

    def __init__(self, clips: list[Clip], noises: list[np.ndarray], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.noises = noises
        self.by_class: list[list[tuple[np.ndarray, tuple[int, int]]]] = [[] for _ in CLASSES]
        for clip in clips:
            kind = CLASSES.index(clip.word) if clip.word else SPEECH
            real = clip.speaker != "synthetic"
            part = spoken(clip.pcm)
            times = 3 if real and clip.word else 1
            self.by_class[kind] += [(clip.pcm.astype(np.float32) / 32768, part)] * times

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        odds = np.array([4, 4, 4, *[1.0] * 7, 12, 2])  # as in CLASSES
        kinds = self.rng.choice(len(CLASSES), size, p=odds / odds.sum())
        made = [self.window(kind) for kind in kinds]
        return torch.from_numpy(np.stack([x for x, _ in made])), torch.tensor([kind for _, kind in made])

    def window(self, kind: int) -> tuple[np.ndarray, int]:
        rng = self.rng
        if kind == NOISE:
            return self.level(self.noise() if rng.random() < 0.9 else np.zeros(WINDOW, np.float32)), NOISE
        pcm, (start, end) = self.by_class[kind][rng.integers(len(self.by_class[kind]))]
        speed = rng.uniform(0.85, 1.18)  # pitch, formants and pace together: stands in for other speakers
        pcm = np.interp(np.arange(int(len(pcm) / speed)) * speed, np.arange(len(pcm)), pcm).astype(np.float32)
        start, end = int(start / speed), int(end / speed)
        if kind < SPEECH and rng.random() < 0.12:  # only a part of the word: not the word
            kept = rng.uniform(0.2, 0.6) * (end - start)
            start, end = (start, int(start + kept)) if rng.random() < 0.5 else (int(end - kept), end)
            pcm, kind = pcm[start:end], SPEECH
            start, end = 0, len(pcm)
        pcm = np.concatenate([np.zeros(WINDOW, np.float32), pcm, np.zeros(WINDOW, np.float32)])
        start, end = start + WINDOW, end + WINDOW
        if end - start < WINDOW:  # the whole word, anywhere in the window
            at = rng.integers(end - WINDOW, start + 1)
        else:
            at = rng.integers(start, end - WINDOW + 1)
        pcm = pcm[max(0, at - WINDOW // 2) : at + WINDOW]  # with what the room adds from before
        if rng.random() < 0.4:
            pcm = self.room(pcm)
        x = pcm[-WINDOW:]
        if rng.random() < 0.4:
            x = lfilter([1, -rng.uniform(-0.5, 0.6)], [1], x).astype(np.float32)
        if rng.random() < 0.75:
            noise = self.noise()
            ratio = 10 ** (-rng.uniform(0, 30) / 20)
            x = x + noise * (np.sqrt((x**2).mean()) + 1e-6) / (np.sqrt((noise**2).mean()) + 1e-9) * ratio
        return self.level(x), kind

    def noise(self) -> np.ndarray:
        rng = self.rng
        if rng.random() < 0.2:
            return lfilter([1], [1, -rng.uniform(0, 0.98)], rng.normal(size=WINDOW)).astype(np.float32)
        noise = self.noises[rng.integers(len(self.noises))]
        at = rng.integers(len(noise) - WINDOW)
        return noise[at : at + WINDOW].copy()

    def room(self, pcm: np.ndarray) -> np.ndarray:
        """A made-up room: the direct sound and a tail of noise that decays within 0.1 to 0.6 seconds."""
        rng = self.rng
        length = int(rng.uniform(0.1, 0.6) * RATE)
        tail = rng.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
        tail *= rng.uniform(0.1, 1.0) / np.sqrt((tail**2).sum())
        tail[: int(rng.uniform(0.001, 0.01) * RATE)] = 0
        tail[0] = 1
        size = 1 << (len(pcm) + length).bit_length()
        wet = np.fft.irfft(np.fft.rfft(pcm, size) * np.fft.rfft(tail, size), size)
        return wet[: len(pcm)].astype(np.float32)

    def level(self, x: np.ndarray) -> np.ndarray:
        peak = 10 ** self.rng.uniform(-2.2, -0.05)
        return (x * peak / (np.abs(x).max() + 1e-6)).astype(np.float32)


def export(net: Network, path: Path) -> None:
    """Fold the normalisation into the convolutions and store 16-bit weights."""
    arrays: dict[str, np.ndarray] = {"words": np.array(CLASSES)}
    named = {"first": net.first}
    for part in ("a", "b", "skip"):
        named |= {f"{part}{i}": conv for i, conv in enumerate(getattr(net, part))}
    for name, (conv, norm) in named.items():
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        arrays[f"{name}.weight"] = (conv.weight * scale[:, None, None]).detach().numpy().astype(np.float16)
        arrays[f"{name}.bias"] = (norm.bias - norm.running_mean * scale).detach().numpy().astype(np.float16)
    arrays["out.weight"] = net.out.weight.detach().numpy().astype(np.float16)
    arrays["out.bias"] = net.out.bias.detach().numpy().astype(np.float16)
    np.savez_compressed(path, **arrays)


def measure(net: Network, kept: list[Clip]) -> str:
    """Recall of the three words, and how often another word is taken for one, by speakers kept aside."""
    net.eval()
    windows = []
    for clip in kept:
        start, end = spoken(clip.pcm)
        padded = np.concatenate([np.zeros(WINDOW, np.int16), clip.pcm, np.zeros(WINDOW, np.int16)])
        middle = (start + end) // 2 + WINDOW
        windows.append(padded[middle - WINDOW // 2 : middle + WINDOW // 2].astype(np.float32) / 32768)
    with torch.no_grad():
        odds = net(features(torch.from_numpy(np.stack(windows)))).softmax(1).numpy()
    truth = np.array([CLASSES.index(c.word) if c.word else SPEECH for c in kept])
    lines = []
    for index, word in enumerate(CLASSES[:3]):
        mine, rest = odds[truth == index, index], odds[truth != index, index]
        cuts = (0.3, 0.5, 0.7, 0.9)
        rates = " ".join(f"{t}: {(mine >= t).mean():.2f}/{(rest >= t).mean():.3f}" for t in cuts)
        lines.append(f"{word} {rates}")
    return "; ".join(lines)


def main(path: Path, everyone: bool) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    real = real_clips("train/words", "train/other_words", "train/wakewords")
    speakers = sorted({clip.speaker for clip in real if clip.word})
    aside = set() if everyone else set(speakers[::5])
    kept = [clip for clip in real if clip.speaker in aside]
    clips = [clip for clip in real if clip.speaker not in aside] + synthetic_clips(seed=0, of_each=4)
    noises = [read(path).astype(np.float32) / 32768 for path in sorted((AUDIO / "train/noise").glob("*.wav"))]
    mixer = Mixer(clips, noises, seed=0)
    print(len(clips), "clips,", len(kept), "kept aside", flush=True)
    net = Network()
    print(sum(p.numel() for p in net.parameters()), "weights")
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, STEPS, pct_start=0.1)
    began = time.monotonic()
    for step in range(1, STEPS + 1):
        net.train()
        x, truth = mixer.batch(BATCH)
        loss = functional.cross_entropy(net(features(x)), truth, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 250 == 0:
            said = measure(net, kept) if kept else ""
            print(f"{step} {time.monotonic() - began:.0f}s loss {loss.item():.3f} {said}", flush=True)
            export(net.eval(), path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), everyone="--all" in sys.argv)
