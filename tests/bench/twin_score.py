# SPDX-License-Identifier: Apache-2.0
"""Official ActivityNet detection mAP from the protocol's text: predictions of a class by falling score (the later entry first among
equals), each matched to the free instance of its video with the highest tIoU at every threshold, interpolated AP, mean over the classes
of the truth. A loop over predictions with numpy inside, as the official evaluator does it, without pandas."""
import json

import numpy as np


def load(truth_json, predictions_json, subset="validation"):
    with open(truth_json) as f:
        database = json.load(f)["database"]
    with open(predictions_json) as f:
        results = json.load(f)["results"]
    truth, predictions = {}, {}
    for video, entry in database.items():
        if entry["subset"] != subset:
            continue
        for a in entry["annotations"]:
            truth.setdefault(a["label"], []).append((video, *map(float, a["segment"])))
    for video, entries in results.items():
        for e in entries:
            predictions.setdefault(e["label"], []).append((video, *map(float, e["segment"]), float(e["score"])))
    return truth, predictions


def segment_iou(target, candidates):
    inter = (np.minimum(target[1], candidates[:, 1]) - np.maximum(target[0], candidates[:, 0])).clip(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return inter / ((candidates[:, 1] - candidates[:, 0]) + (target[1] - target[0]) - inter)


def interpolated_ap(precision, recall):
    mprec, mrec = np.hstack([[0], precision, [0]]), np.hstack([[0], recall, [1]])
    for i in range(len(mprec) - 1)[::-1]:
        mprec[i] = max(mprec[i], mprec[i + 1])
    moved = np.where(mrec[1:] != mrec[:-1])[0] + 1
    return np.sum((mrec[moved] - mrec[moved - 1]) * mprec[moved])


def class_ap(truth, predictions, thresholds):
    ap = np.zeros(len(thresholds))
    if not predictions:
        return ap
    order = np.argsort([p[3] for p in predictions], kind="stable")[::-1]
    by_video = {}
    for i, (video, start, end) in enumerate(truth):
        by_video.setdefault(video, ([], []))
        by_video[video][0].append((start, end))
        by_video[video][1].append(i)
    by_video = {video: (np.array(segments), np.array(where)) for video, (segments, where) in by_video.items()}
    free = np.ones((len(thresholds), len(truth)), dtype=bool)
    hits, misses = np.zeros((len(thresholds), len(order))), np.zeros((len(thresholds), len(order)))
    for rank, i in enumerate(order):
        video, start, end, _ = predictions[i]
        if video not in by_video:
            misses[:, rank] = 1
            continue
        segments, where = by_video[video]
        ious = segment_iou((start, end), segments)
        nearest = ious.argsort(kind="stable")[::-1]
        for t, threshold in enumerate(thresholds):
            for j in nearest:
                if ious[j] < threshold:
                    misses[t, rank] = 1
                    break
                if not free[t, where[j]]:
                    continue
                hits[t, rank] = 1
                free[t, where[j]] = False
                break
            if hits[t, rank] == 0 and misses[t, rank] == 0:
                misses[t, rank] = 1
    for t in range(len(thresholds)):
        found, wrong = np.cumsum(hits[t]), np.cumsum(misses[t])
        ap[t] = interpolated_ap(found / (found + wrong), found / len(truth))
    return ap


def average_map(truth, predictions):
    thresholds = np.linspace(0.5, 0.95, 10)
    return float(np.mean([class_ap(truth[label], predictions.get(label, []), thresholds) for label in sorted(truth)]))
