"""Reference numbers for src/math: python3 make-math.py > math.json, with scikit-learn and SciPy installed."""
import json
import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import KMeans
from sklearn.metrics import davies_bouldin_score

rng = np.random.default_rng(11)
blobs = np.concatenate([rng.normal(at, 1.0, size=(20, 3)) for at in (0, 4, 9)])
start = blobs[[0, 1, 2, 40]]
fit = KMeans(n_clusters=4, init=start, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(blobs)
tree = linkage(pdist(blobs), "average")
cut = fcluster(tree, 5, "maxclust")
sample = rng.lognormal(0, 2, size=37)
shares = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1]
print(json.dumps({
    "made with": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__, "seed": 11},
    "points": blobs.tolist(),
    "kmeans": {"start": start.tolist(), "labels": fit.labels_.tolist(), "inertia": fit.inertia_,
               "centers": fit.cluster_centers_.tolist()},
    "linkage": {"merges": tree.tolist(), "cut": cut.tolist()},
    "daviesBouldin": {"kmeans": davies_bouldin_score(blobs, fit.labels_), "cut": davies_bouldin_score(blobs, cut)},
    "quantiles": {"sample": sample.tolist(), "shares": shares,
                  "type7": np.quantile(sample, shares, method="linear").tolist(),
                  "mad": float(np.median(np.abs(sample - np.median(sample)))),
                  "variance": float(sample.var()), "sampleVariance": float(sample.var(ddof=1))},
}, indent=1))
