/* Grows the trees of common/science/mmse/trees.h with XGBoost (T. Chen & C. Guestrin, KDD 2016; Apache licence 2.0).
 *
 * A library of its own: XGBoost is loaded by programs that train and by no others. One thread, exact splits and the
 * seed of the task make the trees the same to the bit on every run. */
#pragma once

#include "common/science/mmse/trees.h"

tree_grower grow_trees;
