#include "trace/trace-instrument.h"
