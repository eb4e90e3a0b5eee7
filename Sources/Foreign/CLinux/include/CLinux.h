#pragma once
#include "CLinuxMemory.h"
