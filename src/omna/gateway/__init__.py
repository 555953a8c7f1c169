"""The hot path, sliced by stage: admission → routing → upstream → streaming → settlement. Start with pipeline.py."""
