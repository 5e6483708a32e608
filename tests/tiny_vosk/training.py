"""From utterances to a network: flat start, alignment, then lattice-free MMI (Povey et al., 2016).

Training with the sequence criterion from a flat start never learns to use silence, and then endpoints fail;
so the phones are first aligned with cross-entropy and Viterbi, and each turn starts from those labels.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from kaldi_files import Layer
from lexicon import VOWELS, Pronunciation
from model_folder import OFFSETS, OUTPUTS, SOUNDS, SUBSAMPLING
from torch import nn
from torch.nn import functional
from utterances import CEPSTRA, Example, Utterance

HIDDEN, BATCH, RATE_OF_LEARNING = 64, 64, 2e-3
ROUNDS, EPOCHS = 6, 12
NEVER = -1e4  # a logarithm small enough for what cannot be
SILENCE = 0
NUMBER = {sound: number for number, sound in enumerate(SOUNDS)}
ENTRY = torch.tensor([OUTPUTS[sound][0] for sound in SOUNDS])
STAY = torch.tensor([OUTPUTS[sound][1] for sound in SOUNDS])
OUTPUT_COUNT = 2 * len(SOUNDS) - 1
CONTEXT = sum(max(around) for around in OFFSETS)


class Network(nn.Module):
    """A time-delay network; its second layer has stride 3, so that there is one output in 30 ms."""

    def __init__(self, outputs: int, sample: np.ndarray) -> None:
        super().__init__()
        sizes = [CEPSTRA] + [HIDDEN] * len(OFFSETS)
        strides = [SUBSAMPLING if layer == 1 else 1 for layer in range(len(OFFSETS))]
        self.layers = nn.ModuleList(
            nn.Conv1d(i, HIDDEN, 3, stride=s) for i, s in zip(sizes, strides, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(HIDDEN) for _ in OFFSETS)
        self.output = nn.Conv1d(HIDDEN, outputs, 1)
        nn.init.zeros_(self.output.bias)
        self.output.weight.data *= 0.3
        self.register_buffer("mean", torch.tensor(sample.mean(0)))
        self.register_buffer("deviation", torch.tensor(sample.std(0) + 1e-3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, frames, CEPSTRA) to (batch, frames / 3, outputs)."""
        x = ((x - self.mean) / self.deviation).transpose(1, 2)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = norm(torch.relu(layer(x)))
        return self.output(x).transpose(1, 2)

    def folded(self) -> list[Layer]:
        """Every layer with the normalisation before it worked into its weights."""
        scale, shift = 1 / self.deviation.double(), -self.mean.double() / self.deviation.double()
        folded = []
        for layer, norm in zip(self.layers, self.norms, strict=True):
            weight = layer.weight.double()
            bias = layer.bias.double() + torch.einsum("oik,i->o", weight, shift)
            weight = (weight * scale[None, :, None]).transpose(1, 2).flatten(1)
            folded.append((weight.detach().numpy(), bias.detach().numpy()))
            scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
            shift = norm.bias.double() - norm.running_mean.double() * scale
        weight = self.output.weight.double()[:, :, 0]
        bias = self.output.bias.double() + weight @ shift
        return [*folded, ((weight * scale).detach().numpy(), bias.detach().numpy())]


Ends = list[tuple[int | None, float]]  # states (None before the first) and log-probabilities


@dataclass
class Graph:
    """The ways to say an utterance, as states of one sound each; log-probabilities."""

    sounds: list[int]
    arcs: list[tuple[int, int, float]]
    first: dict[int, float]
    last: dict[int, float]


def graph_of(ways: Sequence[Sequence[Pronunciation]]) -> Graph:
    """Silence is optional before, between and after the words."""
    graph = Graph([], [], {}, {})
    half = -math.log(2)

    def add(sound: int, after: Ends) -> int:
        graph.sounds.append(sound)
        state = len(graph.sounds) - 1
        for before, cost in after:
            if before is None:
                graph.first[state] = cost
            else:
                graph.arcs.append((before, state, cost))
        return state

    def maybe_silence(ends: Ends) -> Ends:
        halved = [(end, cost + half) for end, cost in ends]
        return [*halved, (add(SILENCE, halved), 0.0)]

    ends = maybe_silence([(None, 0.0)])
    for word in ways:
        said: Ends = []
        for way in word:
            at = ends
            for phone in way:
                at = [(add(NUMBER[phone], at), 0.0)]
            said += at
        ends = maybe_silence(said)
    graph.last = {end: cost for end, cost in ends if end is not None}
    return graph


def any_speech(utterances: Sequence[Utterance], rng: random.Random) -> tuple[torch.Tensor, ...]:
    """What may follow what, in any utterance: a smoothed bigram of sounds (arcs, first, last)."""
    pairs = np.full((len(SOUNDS), len(SOUNDS)), 0.02)
    first, last = np.full(len(SOUNDS), 1e-3), np.full(len(SOUNDS), 1e-3)
    for utterance in [*utterances, *utterances]:
        sounds = [SILENCE] if rng.random() < 0.95 else []
        for ways in utterance.ways:
            sounds += [NUMBER[phone] for phone in rng.choice(ways)]
            sounds += [SILENCE] * (rng.random() < 0.4)
        if sounds[-1] != SILENCE and rng.random() < 0.9:
            sounds.append(SILENCE)
        first[sounds[0]] += 1
        last[sounds[-1]] += 1
        np.add.at(pairs, (sounds[:-1], sounds[1:]), 1)
    total = pairs.sum(1) + last
    logs = (np.log(pairs / total[:, None]), np.log(first / first.sum()), np.log(last / total))
    return tuple(torch.tensor(x, dtype=torch.float32) for x in logs)


def total_score(entry, stay, arcs, first, last, lengths) -> torch.Tensor:
    """Log-probability of all paths together; ``entry`` and ``stay`` are (batch, frames, states)."""
    odds = arcs.exp()
    entered, stayed = first + entry[:, 0], torch.full_like(entry[:, 0], NEVER)
    ends = []
    for frame in range(entry.shape[1]):
        if frame:
            before = torch.logaddexp(entered, stayed)
            top = before.max(1, keepdim=True).values.detach()
            reached = ((before - top).exp().unsqueeze(1) @ odds).squeeze(1)
            entered = reached.clamp_min(1e-30).log() + top + entry[:, frame]
            stayed = before + stay[:, frame]
        ends.append(torch.logsumexp(torch.logaddexp(entered, stayed) + last, 1))
    return torch.stack(ends, 1).gather(1, (lengths - 1).unsqueeze(1)).squeeze(1)


def best_paths(scores, arcs, first, last, lengths) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each utterance the best state of every frame, and whether it was entered there."""
    entered, stayed = first + scores[:, 0], torch.full_like(first, -1e9)
    history, came_from = [(entered, stayed)], [torch.zeros_like(first, dtype=torch.long)]
    for frame in range(1, scores.shape[1]):
        before = torch.maximum(entered, stayed)
        reached, source = (before.unsqueeze(2) + arcs).max(1)
        entered, stayed = reached + scores[:, frame], before + scores[:, frame]
        came_from.append(source)
        history.append((entered, stayed))
    was_entered = torch.stack([e >= s for e, s in history]).numpy()
    sources = torch.stack(came_from).numpy()
    totals = torch.stack([torch.maximum(e, s) for e, s in history]) + last
    return [
        _trace(was_entered[:, row], sources[:, row], int(totals[length - 1, row].argmax()), int(length))
        for row, length in enumerate(lengths)
    ]


def _trace(
    was_entered: np.ndarray, sources: np.ndarray, state: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Back from the last frame's best state to the first frame."""
    states, entries = np.zeros(length, np.int64), np.zeros(length, bool)
    for frame in reversed(range(length)):
        states[frame], entries[frame] = state, was_entered[frame, state]
        if entries[frame]:
            state = int(sources[frame, state])
    return states, entries


class Trainer:
    def __init__(self, utterances: Sequence[Utterance], examples: Sequence[Example]) -> None:
        torch.manual_seed(0)
        self.rng = random.Random(0)
        self.examples = list(examples)
        self.graphs = [graph_of(utterance.ways) for utterance in utterances]
        self.silent = Graph([SILENCE], [], {0: 0.0}, {0: 0.0})
        self.any_speech = any_speech(utterances, self.rng)
        self.sample = np.concatenate([e.features.astype(np.float32) for e in self.examples[::25]])
        self.labels = [self._even(example, utterances) for example in self.examples]
        self.began = time.monotonic()

    def train(self) -> list[Layer]:
        aligner = self._align()
        del aligner
        return self._discriminate().folded()

    def _align(self) -> Network:
        """Rounds of cross-entropy and Viterbi; leaves entry and stay outputs as labels."""
        network = Network(len(SOUNDS), self.sample)
        optimiser = torch.optim.AdamW(network.parameters(), lr=RATE_OF_LEARNING)
        for number in range(ROUNDS):
            network.train()
            batches = list(self._batches())
            for batch in batches[: len(batches) * 6 // 10]:
                x, _, labels, _ = self._tensors(batch)
                loss = functional.cross_entropy(network(x).flatten(0, 1), labels.flatten(), ignore_index=-100)
                step(network, optimiser, loss)
            last = number == ROUNDS - 1
            self._relabel(network.eval(), batches, with_entries=last)
            self._report(f"alignment {number}", loss)
        return network

    @torch.no_grad()
    def _relabel(self, network: Network, batches: list[list[int]], *, with_entries: bool) -> None:
        counts = np.bincount(np.concatenate(self.labels), minlength=len(SOUNDS)) + 50.0
        prior = torch.tensor(np.log(counts / counts.sum()), dtype=torch.float32)
        for batch in batches:
            x, lengths, _, graphs = self._tensors(batch)
            scores = network(x).log_softmax(2) - prior
            sounds, arcs, first, last = graphs
            for row, index in enumerate(batch):
                quiet = torch.from_numpy(self._padding(self.examples[index], int(lengths[row])))
                scores[row, : len(quiet), SILENCE] += 10.0 * quiet
            of_states = scores.gather(2, sounds.unsqueeze(1).expand(-1, scores.shape[1], -1))
            paths = best_paths(of_states, arcs, first, last, lengths)
            for row, (index, (states, entries)) in enumerate(zip(batch, paths, strict=True)):
                label = sounds[row].numpy()[states]
                if with_entries:
                    label = np.where(entries, ENTRY.numpy()[label], STAY.numpy()[label])
                self.labels[index] = label

    def _discriminate(self) -> Network:
        """Cross-entropy alone for two epochs, then mostly MMI."""
        network = Network(OUTPUT_COUNT, self.sample)
        optimiser = torch.optim.AdamW(network.parameters(), lr=RATE_OF_LEARNING, weight_decay=1e-3)
        steps = EPOCHS * math.ceil(len(self.examples) / BATCH)
        done = 0
        for epoch in range(EPOCHS):
            network.train()
            for batch in self._batches():
                for group in optimiser.param_groups:
                    group["lr"] = RATE_OF_LEARNING * min(1, (done + 1) / 100) * max(0.02, 1 - done / steps)
                x, lengths, labels, graphs = self._tensors(batch)
                y = network(x)
                frames = lengths.sum()
                by_frame = functional.cross_entropy(y.flatten(0, 1), labels.flatten(), ignore_index=-100)
                size = (y.pow(2).sum(2) * (labels >= 0)).sum() / frames
                loss = by_frame + 5e-5 * size
                if epoch >= 2:
                    loss = 0.3 * by_frame + 5e-5 * size - self._information(y, lengths, graphs) / frames
                step(network, optimiser, loss)
                done += 1
            self._report(f"epoch {epoch}", loss)
        return network.eval()

    def _information(self, y: torch.Tensor, lengths: torch.Tensor, graphs: tuple) -> torch.Tensor:
        """How much likelier the right words are than any speech, summed over the batch."""
        entry, stay = y[..., ENTRY], y[..., STAY]
        sounds, arcs, first, last = graphs
        at = sounds.unsqueeze(1).expand(-1, y.shape[1], -1)
        right = total_score(entry.gather(2, at), stay.gather(2, at), arcs, first, last, lengths)
        return (right - total_score(entry, stay, *self.any_speech, lengths)).sum()

    # -- batches --

    def _frames(self, index: int) -> int:
        return (len(self.examples[index].features) + SUBSAMPLING - 1) // SUBSAMPLING

    def _batches(self) -> Iterator[list[int]]:
        """Examples of like length together, in random order."""
        order = list(range(len(self.examples)))
        self.rng.shuffle(order)
        pools = [
            sorted(order[i : i + BATCH * 16], key=self._frames) for i in range(0, len(order), BATCH * 16)
        ]
        batches = [pool[i : i + BATCH] for pool in pools for i in range(0, len(pool), BATCH)]
        self.rng.shuffle(batches)
        return iter(batches)

    def _tensors(self, batch: list[int]) -> tuple:
        """Features, lengths, labels, and graphs (sounds, arcs, first, last), padded to the longest."""
        lengths = [self._frames(index) for index in batch]
        longest = max(lengths)
        x = np.zeros((len(batch), SUBSAMPLING * (longest - 1) + 1 + 2 * CONTEXT, CEPSTRA), np.float32)
        labels = np.full((len(batch), longest), -100, np.int64)
        graphs = [self._graph(index) for index in batch]
        states = max(len(graph.sounds) for graph in graphs)
        sounds = np.zeros((len(batch), states), np.int64)
        arcs = np.full((len(batch), states, states), NEVER, np.float32)
        first, last = (np.full((len(batch), states), NEVER, np.float32) for _ in range(2))
        for row, (index, graph) in enumerate(zip(batch, graphs, strict=True)):
            frames = self.examples[index].features.astype(np.float32)
            # Kaldi, too, repeats the first and the last frame at the edges.
            padded = np.pad(frames, ((CONTEXT, x.shape[1]), (0, 0)), mode="edge")
            x[row] = padded[: x.shape[1]]
            labels[row, : lengths[row]] = self.labels[index]
            sounds[row, : len(graph.sounds)] = graph.sounds
            for a, b, cost in graph.arcs:
                arcs[row, a, b] = cost
            for state, cost in graph.first.items():
                first[row, state] = cost
            for state, cost in graph.last.items():
                last[row, state] = cost
        as_tensors = tuple(map(torch.from_numpy, (sounds, arcs, first, last)))
        return torch.from_numpy(x), torch.tensor(lengths), torch.from_numpy(labels), as_tensors

    def _graph(self, index: int) -> Graph:
        number = self.examples[index].utterance
        return self.silent if number < 0 else self.graphs[number]

    def _padding(self, example: Example, frames: int) -> np.ndarray:
        """Which outputs lie in the silence that was put around the speech."""
        at = np.arange(frames) * 480 + 200
        return (at < example.start) | (at > example.end)

    def _even(self, example: Example, utterances: Sequence[Utterance]) -> np.ndarray:
        """The first guess at labels: the phones one after the other, vowels twice as long."""
        frames = (len(example.features) + SUBSAMPLING - 1) // SUBSAMPLING
        labels = np.zeros(frames, np.int64)
        if example.utterance < 0:
            return labels
        phones = [phone for ways in utterances[example.utterance].ways for phone in ways[0]]
        weights = np.cumsum([2.0 if phone in VOWELS else 1.0 for phone in phones])
        speech = np.nonzero(~self._padding(example, frames))[0]
        for number, frame in enumerate(speech):
            share = (number + 0.5) / len(speech) * weights[-1]
            labels[frame] = NUMBER[phones[min(len(phones) - 1, int(np.searchsorted(weights, share)))]]
        return labels

    def _report(self, stage: str, loss: torch.Tensor) -> None:
        print(f"{stage}: loss {loss.item():.3f}, {time.monotonic() - self.began:.0f} s", flush=True)


def step(network: nn.Module, optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
