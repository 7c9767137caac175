"""Golden figures for Tests/MetricsTests from scikit-learn.

    pip install scikit-learn
    python Tests/MetricsTests/golden/metrics.py > Tests/MetricsTests/golden/metrics.json

Ties are made on purpose: scores are rounded to one decimal in every second case.
"""
import json

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    label_ranking_average_precision_score,
    roc_auc_score,
)

random = np.random.default_rng(20240501)
cases = []
for number in range(12):
    count = int(random.integers(12, 60))
    scores = random.random(count)
    if number % 2:
        scores = np.round(scores, 1)
    truths = random.random(count) < 0.3 + 0.4 * scores
    truths[0], truths[1] = True, False
    weights = random.integers(0, 4, count)
    weights[0] = weights[1] = 1
    cases.append(
        {
            "scores": scores.tolist(),
            "truths": truths.tolist(),
            "counts": weights.tolist(),
            "auroc": roc_auc_score(truths, scores),
            "aurocCounted": roc_auc_score(truths, scores, sample_weight=weights),
            "averagePrecision": average_precision_score(truths, scores),
            "brier": brier_score_loss(truths, scores),
            "reliability": [list(map(float, part)) for part in calibration_curve(truths, scores, n_bins=10)]
            if not number % 2
            else None,
        }
    )

rankings = []
for number in range(8):
    labels = int(random.integers(3, 12))
    scores = random.random(labels)
    if number % 2:
        scores = np.round(scores, 1)
    truths = random.random(labels) < 0.4
    truths[0] = True
    rankings.append(
        {
            "scores": scores.tolist(),
            "truths": truths.tolist(),
            "lrap": label_ranking_average_precision_score(truths[None].astype(int), scores[None]),
        }
    )

features = random.normal(size=(60, 4)).astype(np.float32)
truths = features @ np.array([1.0, -0.5, 0.0, 0.3]) + random.normal(size=60) > 0.2
ridge = 0.01
# scikit-learn minimises |w|^2 / 2 + C * (sum of losses); ours the mean loss + ridge * |w|^2 / 2.
fitted = LogisticRegression(C=1 / (ridge * len(truths)), tol=1e-10, max_iter=10_000).fit(features.astype(np.float64), truths)
head = {
    "features": [[float(value) for value in row] for row in features],
    "truths": truths.tolist(),
    "ridge": ridge,
    "weights": fitted.coef_[0].tolist(),
    "bias": float(fitted.intercept_[0]),
}
print(json.dumps({"cases": cases, "rankings": rankings, "head": head}, indent=1))
