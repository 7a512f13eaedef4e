/** The environment variable with the folder of the test run. It has a FIFO `alive`, which the run keeps open until its end. */
export const RUN = 'CHAOS_TEST_RUN'
