"""What really was: for tests and for reports that judge the program, never for the program."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulated.motion import StageMotion
from drivers.simulated.scene import Scene
from drivers.simulated.sensor import Sensor
from drivers.simulated.texture import FloatImage

_EXPOSURE_STEPS = 16


class Truth:
    """Knows the slide, the optics and every motion.

    Parameters
    ----------
    motion : StageMotion
        The stage.
    scene : callable
        Returns the slide under the microscope; may take seconds the first time.
    sensor : Sensor
        The camera's.
    """

    def __init__(self, motion: StageMotion, scene: Callable[[], Scene], sensor: Sensor) -> None:
        self._motion = motion
        self._scene = scene
        self._sensor = sensor

    def position_at(self, t_ns: int) -> tuple[float, float, float]:
        """Return x, y and z of the stage in µm, backlash and tremor included."""
        return self._motion.position_at(t_ns)

    def z_at(self, t_ns: int) -> float:
        """Return the height of the focal plane in stage coordinates, µm."""
        return self._motion.position_at(t_ns)[2]

    def mean_z(self, t_start_ns: int, t_end_ns: int) -> float:
        """Return the mean height of the focal plane over an exposure, µm."""
        times = np.linspace(t_start_ns, t_end_ns, 2 * _EXPOSURE_STEPS + 1)[1::2]
        return float(np.mean([self.z_at(int(t_ns)) for t_ns in times]))

    def picture(self, x_um: float, y_um: float, z_um: float) -> NDArray[np.uint8]:
        """Return the (H, W, 3) noise-free, well exposed picture of a stage at rest."""
        return self._sensor.picture(self._scene().radiance([(x_um, y_um, z_um)]))

    def all_in_focus(self, x_um: float, y_um: float) -> NDArray[np.uint8]:
        """Return the (H, W, 3) picture in which every pixel is as it looks focused on it.

        This is what a perfect fusion of well exposed noise-free frames would give.
        """
        scene = self._scene()
        heights = scene.height_um(x_um, y_um)
        nodes = scene.volume.focus_um
        upper = np.clip(np.searchsorted(nodes, heights, side="right"), 1, nodes.size - 1)
        share = (heights - nodes[upper - 1]) / (nodes[upper] - nodes[upper - 1])
        fused = np.zeros((*heights.shape, 3), np.float32)
        for index in np.union1d(upper - 1, upper).tolist():
            one = np.zeros(nodes.size)
            one[index] = 1.0
            weight = np.where(upper == index, share, np.where(upper - 1 == index, 1 - share, 0))
            fused += scene.field(x_um, y_um, one) * weight[..., None].astype(np.float32)
        return self._sensor.picture(fused)

    def height_map(self, x_um: float, y_um: float) -> FloatImage:
        """Return the (H, W) stage z in µm at which each pixel is in focus."""
        scene = self._scene()
        return scene.height_um(x_um, y_um) + np.float32(scene.glass_z_um(x_um, y_um))

    def best_focus_z(self, x_um: float, y_um: float) -> float:
        """Return the stage z in µm at which a noise-free picture of the field is sharpest.

        The Tenengrad measure, Sobel energy over squared mean, at every height of the focal
        volume; its logarithm is interpolated by the parabola through the highest three.
        """
        scene = self._scene()
        glass_um = scene.glass_z_um(x_um, y_um)
        nodes = scene.volume.focus_um
        near = np.flatnonzero(np.abs(np.diff(nodes, append=np.inf) - np.diff(nodes).min()) < 1e-6)
        sharpness = np.log(
            [tenengrad(self.picture(x_um, y_um, glass_um + nodes[i])) for i in near.tolist()]
        )
        best = int(np.clip(sharpness.argmax(), 1, near.size - 2))
        before, at, after = sharpness[best - 1 : best + 2].tolist()
        shift = 0.5 * (before - after) / (before - 2 * at + after)
        return float(glass_um + nodes[near[best]] + shift * (nodes[near[1]] - nodes[near[0]]))


def tenengrad(picture: NDArray[np.uint8]) -> float:
    """Return the Sobel energy of an (H, W, 3) picture over the square of its mean.

    Tenenbaum's measure; divided by the mean so that it does not depend on the exposure.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    across = np.asarray(cv2.Sobel(grey, cv2.CV_32F, 1, 0))
    along = np.asarray(cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return float(np.mean(across**2 + along**2) / np.mean(grey) ** 2)
