(ns kvasir.jepsen.main
  "./kvasir jepsen: runs workloads against nodes of this machine under faults, or checks a history that is there."
  (:require [clojure.java.io :as io]
            [clojure.string :as string]
            [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.cluster :as cluster]
            [kvasir.jepsen.core :as core]
            [kvasir.jepsen.history :as history]
            [kvasir.jepsen.nemesis :as nemesis]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.workload.append :as append]
            [kvasir.jepsen.workload.bank :as bank]
            [kvasir.jepsen.workload.cas-register :as cas-register]
            [kvasir.jepsen.workload.counter :as counter]
            [kvasir.jepsen.workload.rw-register :as rw-register]
            [kvasir.jepsen.workload.set :as set-workload])
  (:import (java.util Random)))

(set! *warn-on-reflection* true)

(def workloads
  (array-map
   "append" append/workload
   "append-lua" #(append/workload (assoc % :lua? true))
   "rw-register" rw-register/workload
   "cas-register" cas-register/workload
   "bank" bank/workload
   "set" set-workload/workload
   "counter" counter/workload))

(def ^:private usage
  "usage: ./kvasir jepsen WORKLOAD|all [--faults kill,pause|none] [--time S] [--nodes 1|3|5] [--rate N]
                       [--concurrency N] [--interval S] [--ranges N] [--model NAME] [--seed N] [--store DIR]
                       [--set KEY=VALUE]
       ./kvasir jepsen check WORKLOAD HISTORY.edn [--model NAME]

WORKLOAD: %s
--faults       what happens to nodes meanwhile (kill,pause)
--time         seconds for each workload (60), then all faults are healed and everything is read
--rate         operations a second at most (300), by --concurrency processes (5 a node)
--interval     seconds of peace between faults on average (5)
--model        strict-serializable (default), serializable, strong-snapshot-isolation, snapshot-isolation or
               read-committed
--store        where histories, verdicts, pictures and logs go (target/jepsen)
exit code      0: valid; 1: not valid, or not known; 2: it could not be run
")

(defn- complain [& words]
  (throw (ex-info (apply str words) {:usage true})))

(defn- number [name text low high]
  (let [n (and (re-matches #"[0-9]{1,18}" (str text)) (parse-long text))]
    (if (and n (<= (long low) (long n) (long high))) n (complain name " needs a number from " low " to " high))))

(def ^:private flags
  {"--faults" (fn [_ text] [:faults (if (= "none" text) [] (mapv keyword (string/split text #",")))])
   "--time" (fn [name text] [:seconds (number name text 1 36000)])
   "--nodes" (fn [name text] [:node-count (number name text 1 9)])
   "--rate" (fn [name text] [:rate (number name text 1 100000)])
   "--concurrency" (fn [name text] [:concurrency (number name text 1 200)])
   "--interval" (fn [name text] [:interval (number name text 1 3600)])
   "--ranges" (fn [name text] [:ranges (number name text 1 200)])
   "--seed" (fn [name text] [:seed (number name text 0 Long/MAX_VALUE)])
   "--model" (fn [_ text] [:model (keyword text)])
   "--store" (fn [_ text] [:store text])})

(def ^:private defaults
  {:faults [:kill :pause] :seconds 60 :node-count 3 :rate 300 :interval 5 :ranges 6 :model :strict-serializable
   :settings []})

(defn- parse [arguments]
  (loop [left arguments words [] options defaults]
    (if-let [[word & more] (seq left)]
      (cond
        (not (string/starts-with? word "--")) (recur more (conj words word) options)
        (empty? more) (complain word " needs a value")
        (= "--set" word) (recur (rest more) words (update options :settings conj (first more)))
        :else (let [flag (or (flags word) (complain word " is no flag"))]
                (recur (rest more) words (conj options (flag word (first more))))))
      [words options])))

(defn- workload-of [name options]
  ((or (workloads name) (complain name " is no workload")) options))

(defn- test-map [name {:keys [faults node-count settings ranges interval] :as options}]
  (let [workload (workload-of name (select-keys options [:model]))
        seed (or (:seed options) (.nextInt (Random.) 1000000000))
        package (nemesis/package faults interval)
        store (or (:store options) (str (io/file (System/getProperty "kvasir.root" ".") "target" "jepsen")))
        db (binding [random/*random* (Random.)]
             (cluster/cluster (io/file store "running" (str (System/nanoTime))) node-count ranges settings))]
    (merge
     {:name (string/join "-" (cons name (map clojure.core/name faults)))
      :workload name
      :seed seed
      :store store
      :commit (System/getProperty "kvasir.commit" "unknown")
      :model (:model options)
      :faults faults
      :settings settings
      :ranges ranges
      :time-limit (:seconds options)
      :rate (:rate options)
      :nodes (mapv #(str "n" (inc (long %))) (range node-count))
      :concurrency (or (:concurrency options) (* 5 (long node-count)))
      :db db
      :client (:client workload)
      :nemesis (core/->Healing (:nemesis package))
      :perf (:perf package)
      :generator (core/generator (assoc (select-keys options [:seconds :rate]) :package package :workload workload))
      :checker (checker/compose {:workload (:checker workload)
                                 :stats (checker/stats)
                                 :errors (checker/listed-errors)
                                 :faults (core/faults-checker)
                                 :healed (core/healing-checker)})}
     (:test workload))))

(defn- summary
  "A page about a run, for people."
  [test]
  (let [{:keys [results directory]} test
        {:keys [count ok-count fail-count info-count]} (:stats results)]
    (str (:name test) ": " (if (true? (:valid? results)) "valid" (str "NOT VALID (" (:valid? results) ")"))
         ", " count " operations (" ok-count " ok, " fail-count " failed, " info-count " unknown)"
         ", faults " (pr-str (get-in results [:faults :happened]))
         ", seed " (:seed test) "\n  " directory
         (apply str (for [[checker result] results
                          :when (and (map? result) (contains? result :valid?) (not (true? (:valid? result))))]
                      (str "\n  " (name checker) ": " (pr-str (:valid? result)) " "
                           (pr-str (:anomaly-types result)) "\n"
                           (or (:explanation result) (:error result) (pr-str result))))))))

(defn- run-all [names options]
  (let [tests (vec (for [name names]
                     (let [test (core/run! (test-map name options))]
                       (println (summary test))
                       (flush)
                       {:text (summary test) :valid? (true? (get-in test [:results :valid?])) :store (:store test)})))]
    (spit (io/file (:store (first tests)) "summary.txt") (string/join "\n\n" (map :text tests)))
    (if (every? :valid? tests) 0 1)))

(defn- check-file [name file options]
  (let [workload (workload-of name options)
        history (history/completed (history/read-file file (= "cas-register" name)))
        result (checker/check-safe (:checker workload) (:test workload {}) history {})]
    (println (pr-str (dissoc result :anomalies :explanation)))
    (when (:explanation result) (println (:explanation result)))
    (if (true? (:valid? result)) 0 1)))

(defn run
  "Returns the exit code."
  [arguments]
  (try
    (let [[[name & more] options] (parse arguments)]
      (cond
        (nil? name) (complain "which workload?")
        (and (= "check" name) (= 2 (count more))) (check-file (first more) (second more) options)
        (seq more) (complain "too much: " (string/join " " more))
        (= "all" name) (run-all (keys workloads) options)
        :else (run-all [name] options)))
    (catch clojure.lang.ExceptionInfo thrown
      (binding [*out* *err*]
        (println (str "kvasir: " (ex-message thrown) (when-not (:usage (ex-data thrown)) (str " " (ex-data thrown)))))
        (when (:usage (ex-data thrown))
          (println (format usage (string/join " " (keys workloads))))))
      2)
    (catch Exception thrown
      (.printStackTrace thrown)
      2)))

(defn -main [& arguments]
  (let [code (run arguments)]
    (shutdown-agents)
    (System/exit code)))
