// THE list of cells. A new cell is its own file, an include and an entry here; the walks, `--cell`,
// the help text, the file format, the tests and the benchmark follow from the list.
#if defined(UNROLL_CELLS_CELLS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_CELLS_CELLS_INL_H_
#undef UNROLL_CELLS_CELLS_INL_H_
#else
#define UNROLL_CELLS_CELLS_INL_H_
#endif

#include "unroll/cells/elementwise-inl.h"
#include "unroll/cells/elman-inl.h"
#include "unroll/cells/gru-inl.h"
#include "unroll/cells/gru_reset_before-inl.h"
#include "unroll/cells/linear-inl.h"
#include "unroll/cells/lstm-inl.h"
#include "unroll/cells/mingru-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::HWY_NAMESPACE {

template <class... Cells>
struct CellList {};

using AllCells = CellList<  //
    Elementwise,            //
    ElementwiseInput,       //
    Elman,                  //
    Gru,                    //
    GruResetBefore,         //
    Lstm,                   //
    LstmPeephole,           //
    MinGru>;

}  // namespace unroll::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // UNROLL_CELLS_CELLS_INL_H_
