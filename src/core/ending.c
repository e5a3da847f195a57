/* What a program that is ended by a signal does about open files. */
#include "core/temporary.h"

void specrnn_remove_temporaries(void)
{
  srn_temporaries_remove();
}
