"""Train and score one model under a Hydra configuration: ``python train.py model=roberta``."""

from stancebench.sweep import main

if __name__ == "__main__":
    main()
