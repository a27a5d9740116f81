# Times lme4's lmer on the rows of a file: milliseconds of processor time, then log-likelihood, fixed effects, covariance.
suppressPackageStartupMessages(library(lme4))
d <- read.csv(commandArgs(TRUE)[1])
d$a <- (d$age - 75) / 10
used <- system.time(suppressWarnings(f <- lmer(mmse ~ a + male + educ + (1 + a | id), d, REML = FALSE)))
v <- VarCorr(f)$id
cat(sprintf("%.3f\n", 1000 * sum(used[1:2])))
cat(sprintf("%.9f\n", c(logLik(f), fixef(f), v[1, 1], v[1, 2], v[2, 2], sigma(f)^2)), sep = "")
