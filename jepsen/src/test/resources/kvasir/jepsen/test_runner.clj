(ns kvasir.jepsen.test-runner
  "Loads the tests of the harness and runs them one by one."
  (:require [clojure.string :as string]
            [clojure.test :as test]))

(def ^:private namespaces
  '[kvasir.jepsen.checker-test kvasir.jepsen.random-history-test kvasir.jepsen.harness-test])

(def ^:private load-output
  (delay
    (let [out (java.io.StringWriter.)]
      (binding [*err* out]
        (apply require namespaces))
      (str out))))

(defn reflection-warnings []
  (string/join "\n" (filter #(string/includes? % "Reflection warning") (string/split-lines @load-output))))

(defn test-names []
  @load-output
  (vec (for [n namespaces v (sort-by (comp :line meta) (vals (ns-publics n))) :when (:test (meta v))]
         (str n "/" (:name (meta v))))))

(defn run [name]
  (let [out (java.io.StringWriter.)
        counters (binding [test/*test-out* out
                           test/*report-counters* (ref test/*initial-report-counters*)]
                   (test/test-vars [(find-var (symbol name))])
                   @test/*report-counters*)]
    {"outcome" (if (and (pos? (:pass counters)) (zero? (+ (:fail counters) (:error counters)))) "pass" "fail")
     "text" (str name "\n" out)}))
