# Few devices, quick to build: the virt machine. Neither network nor storage.
CONFIG_ARM_VIRT=y
