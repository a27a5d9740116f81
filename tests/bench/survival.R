# Times R's coxph on the rows of a file that bench_survival wrote: milliseconds of processor time, then the coefficients.
library(survival)
d <- read.csv(commandArgs(TRUE)[1])
used <- system.time(f <- coxph(Surv(time, status) ~ ., d, ties = "efron"))
cat(sprintf("%.3f\n", 1000 * sum(used[1:2])))
cat(sprintf("%.15g\n", coef(f)), sep = "")
